"""Every SIGHTLINE_ variable: what it is called, what is expected, what is refused."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from launcher.terminal import Fault

PREFIX = "SIGHTLINE_"
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def _port(value: str) -> bool:
    return re.fullmatch(r"[1-9]\d{0,4}", value) is not None and int(value) < 2**16


def _address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _networks(value: str) -> bool:
    try:
        return all(ipaddress.ip_network(part.strip()) for part in value.split(","))
    except ValueError:
        return False


def _key(value: str) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def _folder(value: str) -> bool:
    return Path(value).is_absolute() and "\n" not in value


def _yes_or_no(value: str) -> bool:
    return value.lower() in YES | NO


def _like(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


def _url(*schemes: str) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        try:
            parts = urlsplit(value)
            _ = parts.port  # a port that is no number raises here
        except ValueError:
            return False
        return parts.scheme in schemes and bool(parts.netloc or parts.path)

    return check


def _resolvers(value: str) -> bool:
    """Whether each part is an address, or one with a port."""
    for part in value.split(","):
        text = part.strip()
        bare = text.count(":") > 1 and not text.startswith("[")
        try:
            parts = urlsplit(f"//[{text}]" if bare else f"//{text}")
            ipaddress.ip_address(parts.hostname or "")
            _ = parts.port
        except ValueError:
            return False
    return True


def _database(value: str) -> bool:
    if not _url("postgresql", "postgres")(value):
        return False
    parts = urlsplit(value)
    return bool(parts.username) and len(parts.path) > 1


Check = tuple[str, Callable[[str], bool]]
PORT: Check = ("a port number from 1 to 65535", _port)
SWITCH: Check = ("1 or 0", _yes_or_no)
FILE: Check = ("the full path of a file", _folder)
DATABASE: Check = ("postgresql://role:password@host/database", _database)
NETWORKS: Check = ("ranges such as 10.1.0.0/16, separated by commas", _networks)
SECRETS: dict[str, Check] = {
    "SECRET_KEY": ("at least 32 characters, without spaces", _like(r"\S{32,}")),
    "MASTER_KEY": ("32 random bytes in base64", _key),
    "MASTER_KEY_PREVIOUS": ("32 random bytes in base64", _key),
    "DATABASE_URL": DATABASE,
    "OWNER_DATABASE_URL": DATABASE,
    "DISPATCH_DATABASE_URL": DATABASE,
}
KNOWN: dict[str, Check] = {
    "PORT": PORT,
    "BIND": ("an IP address of this machine, such as 127.0.0.1 or 0.0.0.0", _address),
    "MAILBOX_PORT": PORT,
    "SMTP_PORT": PORT,
    "HOME": ("the full path of a folder", _folder),
    "DEMO": SWITCH,
    "DEBUG": SWITCH,
    "ADMIN_DATABASE_URL": DATABASE,
    "REDIS_URL": (
        "redis://host:port/0 or unix:///path",
        _url("redis", "rediss", "unix"),
    ),
    "SITE_URL": ("http://host:port or https://host", _url("http", "https")),
    "EMAIL_URL": ("smtp://host:port", _url("smtp", "smtps", "smtp+tls")),
    "EMAIL_FROM": ("an e-mail address", _like(r"[^\r\n]+@[^\r\n]+")),
    "SENDER_DOMAINS": (
        "domains such as northgate.example, separated by commas",
        _like(r"[a-z0-9.,\s-]*"),
    ),
    "TIME_ZONE": ("a time zone such as Europe/Vienna", _like(r"[A-Za-z0-9_+/-]+")),
    "SCAN_ALLOWED_PRIVATE_RANGES": NETWORKS,
    "SCAN_REQUIRES_PROOF": SWITCH,
    "SCAN_SOURCE_ADDRESSES": NETWORKS,
    "SCAN_OWN_RANGES": NETWORKS,
    "SCAN_ABUSE_CONTACT": (
        "a mail address or an https address, without spaces",
        _like(r"[^\s<>\"']{3,200}"),
    ),
    "DNS_RESOLVERS": (
        "addresses such as 192.0.2.53 or [2001:db8::53]:5353, separated by commas",
        _resolvers,
    ),
    "DNS_QUERIES_PER_SECOND": ("a number, 1 to 99999", _like(r"[1-9]\d{0,4}")),
    "SOURCES_ALLOWED_PRIVATE_RANGES": NETWORKS,
    "WEBHOOK_ALLOWED_PRIVATE_RANGES": NETWORKS,
    "SIGN_ON_ALLOWED_PRIVATE_RANGES": NETWORKS,
    "JOB_LEASE_SECONDS": ("a number of seconds, 1 to 9999", _like(r"[1-9]\d{0,3}")),
    "MAILBOX_WEBHOOK_SECRET": ("whsec_ and a key in base64", _like(r"whsec_\S+")),
    "MAILBOX_DIR": ("the full path of a folder", _folder),
    "PLANT_INVENTORY": FILE,
    "DEMO_FILE": FILE,
    "FILES_DIR": ("the full path of a folder", _folder),
    "FILES_QUOTA_MB": ("a number of megabytes, 1 to 9999999", _like(r"[1-9]\d{0,6}")),
    "DEMO_WEBHOOK_URL": ("http://host:port/path", _url("http", "https")),
    "DEMO_WEBHOOK_SECRET": ("whsec_ and a key in base64", _like(r"whsec_\S+")),
    "PLANT_NETWORK": (
        "the first half of a loopback address, such as 127.77",
        _like(r"127\.\d{1,3}"),
    ),
    "BREACHED_PASSWORDS_FILE": FILE,
    "TRUSTED_PROXIES": ("how many proxies stand in front, 0 to 9", _like(r"\d")),
    "SESSION_IDLE_SECONDS": ("a number of seconds", _like(r"[1-9]\d{1,5}")),
    "PATH_WORLDS": ("a number of worlds, 100 to 999999", _like(r"[1-9]\d{2,5}")),
    "SWEEP_RATE": ("a number of connections, 1 to 9999999", _like(r"[1-9]\d{0,6}")),
    "SWEEP_CUSTOMER_RATE": (
        "a number of connections, 1 to 9999999",
        _like(r"[1-9]\d{0,6}"),
    ),
    "SWEEP_OT_HOST_RATE": ("a number of connections, 1 to 99", _like(r"[1-9]\d?")),
    "SWEEP_HALF_OPEN": ("a number of connections, 1 to 99999", _like(r"[1-9]\d{0,4}")),
    "SWEEP_CUSTOMER_HALF_OPEN": (
        "a number of connections, 1 to 99999",
        _like(r"[1-9]\d{0,4}"),
    ),
    "SWEEP_PROCESSES": ("a number of processes, 1 to 99", _like(r"[1-9]\d?")),
    "TEST_STATE": ("the full path of a folder", _folder),
    **SECRETS,
    **{f"{name}_FILE": FILE for name in SECRETS},
}


@dataclass(frozen=True)
class Settings:
    """What the operator asked for; `given` holds every value that was set, by name."""

    port: int = 8600
    bind: str = "127.0.0.1"
    mailbox_port: int = 8625
    smtp_port: int = 8626
    demo: bool = True
    home: Path | None = None
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def own_database(self) -> str | None:
        """Return the address of the operator's own PostgreSQL, if one was named."""
        return self.given.get("ADMIN_DATABASE_URL")

    @property
    def own_redis(self) -> str | None:
        """Return the address of the operator's own Redis, if one was named."""
        return self.given.get("REDIS_URL")

    @property
    def plant_network(self) -> str:
        """Return the first half of every address of the demo plant."""
        return self.given.get("PLANT_NETWORK", "127.77")

    @property
    def web_host(self) -> str:
        """Return the address at which this machine reaches the web port."""
        address = ipaddress.ip_address(self.bind)
        if address.is_unspecified:
            return "127.0.0.1" if address.version == 4 else "[::1]"
        return f"[{self.bind}]" if ":" in self.bind else self.bind

    @property
    def site_url(self) -> str:
        """Return the address that people use, without a closing slash."""
        default = f"http://{self.web_host}:{self.port}"
        return self.given.get("SITE_URL", default).rstrip("/")

    @property
    def mailbox_url(self) -> str:
        """Return the address of the local mailbox."""
        return f"http://127.0.0.1:{self.mailbox_port}"


def read(environ: Mapping[str, str]) -> Settings:
    """Read the SIGHTLINE_ variables; raise a Fault that names each one it must refuse.

    An empty variable counts as not set. Values are never repeated: some are secrets.
    """
    given = {
        name.removeprefix(PREFIX): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and value
    }
    wrong = [_complaint(name, value) for name, value in sorted(given.items())]
    if complaints := [line for line in wrong if line]:
        raise Fault("\n".join(complaints))
    settings = Settings(
        port=int(given.get("PORT", Settings.port)),
        bind=given.get("BIND", Settings.bind),
        mailbox_port=int(given.get("MAILBOX_PORT", Settings.mailbox_port)),
        smtp_port=int(given.get("SMTP_PORT", Settings.smtp_port)),
        demo=given.get("DEMO", "1").lower() in YES,
        home=Path(given["HOME"]) if "HOME" in given else None,
        given=given,
    )
    ports = {settings.port, settings.mailbox_port, settings.smtp_port}
    if len(ports) < 3:
        raise Fault(
            f"{PREFIX}PORT, {PREFIX}MAILBOX_PORT and {PREFIX}SMTP_PORT:"
            " expected three different ports."
        )
    return settings


def _complaint(name: str, value: str) -> str | None:
    if name not in KNOWN:
        return (
            f"{PREFIX}{name}: there is no such setting; docs/operations.md lists all."
        )
    expected, accepts = KNOWN[name]
    if not accepts(value):
        return f"{PREFIX}{name}: expected {expected}."
    if name.endswith("_FILE") and name.removesuffix("_FILE") in SECRETS:
        return None if Path(value).is_file() else f"{PREFIX}{name}: no such file."
    return None
