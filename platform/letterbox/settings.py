"""Reads the mailbox's own settings from the environment."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from common.errors import DomainError
from workflows.logic.webhook_signature import SignatureInvalid, parse_secret

PREFIX = "SIGHTLINE_"
ROOT = Path(__file__).resolve().parents[2]


class SettingsRefused(DomainError):
    """A setting that the mailbox does not understand, by its name."""


@dataclass(frozen=True)
class Settings:
    """Where the mailbox listens and what it keeps; port 0 takes any free port."""

    bind: str = "127.0.0.1"
    smtp_port: int = 8626
    web_port: int = 8625
    directory: Path = ROOT / ".sightline" / "mailbox"
    webhook_secret: str = ""
    site_url: str = ""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings, all optional; raises SettingsRefused for the first bad one.

    SIGHTLINE_BIND, _SMTP_PORT, _MAILBOX_PORT, _MAILBOX_DIR, and
    _MAILBOX_WEBHOOK_SECRET (whsec_...): with it, calls received are verified.
    Links to _SITE_URL in mails can be clicked, all others are plain text.
    """
    given = {
        name.removeprefix(PREFIX): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and value
    }
    own = Settings()
    return Settings(
        bind=_address(given.get("BIND", own.bind)),
        smtp_port=_port("SMTP_PORT", given.get("SMTP_PORT", str(own.smtp_port))),
        web_port=_port("MAILBOX_PORT", given.get("MAILBOX_PORT", str(own.web_port))),
        directory=Path(given.get("MAILBOX_DIR", own.directory)).absolute(),
        webhook_secret=_secret(given.get("MAILBOX_WEBHOOK_SECRET", "")),
        site_url=given.get("SITE_URL", "").rstrip("/"),
    )


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise SettingsRefused(f"{PREFIX}BIND: expected an IP address.") from error


def _port(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 65535):
        raise SettingsRefused(f"{PREFIX}{name}: expected a port from 0 to 65535.")
    return int(text)


def _secret(text: str) -> str:
    try:
        if text:
            parse_secret(text)
    except SignatureInvalid as error:
        raise SettingsRefused(f"{PREFIX}MAILBOX_WEBHOOK_SECRET: {error}") from error
    return text
