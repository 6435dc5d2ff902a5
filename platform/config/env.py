"""Reads the environment and refuses what it does not understand, by name."""

import base64
import binascii
import ipaddress
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PREFIX = "SIGHTLINE_"
MISSING = object()
DNS_PORT = 53


def refuse(name: str, expected: str) -> ImproperlyConfigured:
    """Return the error that stops the start; the value itself is never repeated."""
    return ImproperlyConfigured(f"{PREFIX}{name}: expected {expected}.")


def _raw(name: str, default: object) -> str | None:
    value = os.environ.get(PREFIX + name)
    if value is None or value == "":
        if default is MISSING:
            raise refuse(name, "a value, but it is not set")
        return None
    return value


def env_str(name: str, default: Any = MISSING, *, pattern: str = ".+") -> str:
    """Return one line of text that matches `pattern` as a whole."""
    value = _raw(name, default)
    if value is None:
        return str(default)
    if not re.fullmatch(pattern, value):
        raise refuse(name, f"one line of text like {pattern}")
    return value


def env_bool(name: str, *, default: bool) -> bool:
    """Return a yes or no: 1/0, true/false, yes/no, on/off."""
    value = _raw(name, default)
    if value is None:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise refuse(name, "1 or 0")


def env_url(name: str, default: Any = MISSING, *, schemes: set[str]) -> str:
    """Return an address whose scheme is one of `schemes`, without a closing slash."""
    value = _raw(name, default)
    if value is None:
        return str(default)
    try:
        parts = urlsplit(value)
        _ = parts.port  # a port that is no number raises here
    except ValueError as error:
        raise refuse(name, f"an address with scheme {sorted(schemes)}") from error
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise refuse(name, f"an address with scheme {sorted(schemes)}")
    return value.rstrip("/")


def env_secret(name: str, default: Any = MISSING) -> str:
    """Return a secret given as NAME or, in a file, as NAME_FILE; both stop the start."""
    path = os.environ.get(f"{PREFIX}{name}_FILE")
    if path and os.environ.get(PREFIX + name):
        raise refuse(name, f"either {PREFIX}{name} or {PREFIX}{name}_FILE, not both")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise refuse(f"{name}_FILE", "a file that can be read") from error
    value = _raw(name, default)
    return str(default) if value is None else value


def env_keys(name: str) -> list[bytes]:
    """Return a key like `env_key` in a list, or an empty list if it is not set."""
    given = os.environ.get(PREFIX + name) or os.environ.get(f"{PREFIX}{name}_FILE")
    return [env_key(name)] if given else []


def env_file(name: str) -> Path | None:
    """Return the path of a file that can be read; None if it is not set."""
    value = _raw(name, None)
    if value is None:
        return None
    path = Path(value)
    if not path.is_file():
        raise refuse(name, "a file that can be read")
    return path


def env_folder(name: str) -> Path:
    """Return the full path of a folder; it need not be there yet."""
    value = env_str(name)
    if not Path(value).is_absolute():
        raise refuse(name, "the full path of a folder")
    return Path(value)


def env_key(name: str) -> bytes:
    """Return a 32-byte key that is written in base64."""
    try:
        key = base64.b64decode(env_secret(name), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refuse(name, "32 random bytes in base64") from error
    if len(key) != 32:
        raise refuse(name, "32 random bytes in base64")
    return key


def env_networks(
    name: str,
) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return a comma-separated list of address ranges in CIDR notation."""
    value = _raw(name, "")
    if value is None:
        return []
    try:
        return [ipaddress.ip_network(part.strip()) for part in value.split(",")]
    except ValueError as error:
        raise refuse(name, "ranges such as 10.1.0.0/16, separated by commas") from error


def env_database(name: str) -> dict[str, Any]:
    """Return Django's settings for a postgresql:// address.

    A Unix socket is given as `?host=/folder`, as libpq does.
    """
    value = env_secret(name)
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise refuse(name, "postgresql://role:password@host/database") from error
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    database = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not (
        database and parts.username
    ):
        raise refuse(name, "postgresql://role:password@host/database")
    host = query.pop("host", None) or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database,
        "USER": unquote(parts.username),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or query.pop("port", "")),
        "OPTIONS": query,
    }


def env_resolvers(name: str) -> list[tuple[str, int]]:
    """Return name servers as address and port, 53 where none is given.

    Written as 192.0.2.53 or 192.0.2.53:5353, separated by commas; [2001:db8::53]:5353.
    """
    value = _raw(name, "")
    if value is None:
        return []
    try:
        return [_resolver(part.strip()) for part in value.split(",")]
    except ValueError as error:
        raise refuse(
            name, "addresses such as 192.0.2.53, separated by commas"
        ) from error


def _resolver(text: str) -> tuple[str, int]:
    bare = text.count(":") > 1 and not text.startswith("[")
    parts = urlsplit(f"//[{text}]" if bare else f"//{text}")
    address = ipaddress.ip_address(parts.hostname or "")
    return str(address), parts.port or DNS_PORT
