"""Reads the address of an outgoing request and refuses whatever could be misread."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from common.addresses import parse_address
from common.errors import DomainError

MAX_LENGTH = 2000
DEFAULT_PORTS = {"https": 443, "http": 80}

# Printable ASCII without what parsers disagree about.
PLAIN = re.compile(r"[\x21-\x7e]+")
AMBIGUOUS = frozenset("\\^`{|}<>\"'")
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST_NAME = re.compile(rf"{LABEL}(?:\.{LABEL})*")
# "127.1", "0x7f.1" and "2130706433" are numbers to some resolvers, names to others.
ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")


@dataclass(frozen=True)
class Target:
    """Where a request goes: scheme, host without brackets, port, path with query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_default = DEFAULT_PORTS[self.scheme] == self.port
        return host if is_default else f"{host}:{self.port}"


def parse_target(url: str, *, refusal: type[DomainError]) -> Target:
    """Return the parts of an http(s) address; `refusal` is raised with the reason."""
    if len(url) > MAX_LENGTH:
        raise refusal(f"The address is longer than {MAX_LENGTH} characters.")
    if not PLAIN.fullmatch(url) or AMBIGUOUS.intersection(url):
        raise refusal(
            "The address may hold only plain letters, digits and signs, no spaces. "
            "Write a name in other letters in its xn-- form."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise refusal("The address is not well formed.") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise refusal("The address must begin with https://.")
    _check_parts(parts, port, refusal)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = (parts.hostname or "").removesuffix(".")
    return Target(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], path)


def _check_parts(
    parts: SplitResult, port: int | None, refusal: type[DomainError]
) -> None:
    if "@" in parts.netloc:
        raise refusal("The address must not hold a user name or password.")
    if parts.fragment:
        raise refusal("The address must not hold a part after #.")
    if port == 0:
        raise refusal("Port 0 is not a port.")
    host = (parts.hostname or "").removesuffix(".")
    if parse_address(host):
        return
    is_name = HOST_NAME.fullmatch(host) and len(host) <= 253
    if not is_name or ENDS_IN_NUMBER.fullmatch(host):
        raise refusal("The address holds no valid host name.")
