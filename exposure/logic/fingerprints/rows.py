"""What a row of the tables says, and what a web front shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

Confidence: TypeAlias = Literal["high", "low"]
PLACES = frozenset(
    {"title", "body", "server", "auth", "header", "cookie", "path", "subject", "issuer"}
    | {"icon"}
)


class Kind(StrEnum):
    """What a product is for."""

    VPN = "vpn"
    REMOTE_DESKTOP = "remote_desktop_gateway"
    VENDOR_ROUTER = "vendor_router"
    HMI = "hmi"
    SCADA_WEB = "scada_web"
    PLC_WEB = "plc_web"
    BUILDING = "building"
    FIREWALL = "firewall"
    MAIL = "mail"
    SIGN_IN = "sign_in"
    FILE_TRANSFER = "file_transfer"
    DATA = "data"

    @property
    def is_remote_access(self) -> bool:
        """Say whether people get from outside to inside through it."""
        return self in _WAYS_IN

    @property
    def is_plant(self) -> bool:
        """Say whether it runs a machine, so that it is asked no more than it must."""
        return self in _PLANT


_WAYS_IN = frozenset({Kind.VPN, Kind.REMOTE_DESKTOP, Kind.VENDOR_ROUTER})
_PLANT = frozenset({Kind.HMI, Kind.PLC_WEB, Kind.BUILDING})


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing to find: a place and the text that must be there, in small letters.

    Text is part of the title, page, Server or WWW-Authenticate line, headers
    ("name: value"), or of the certificate's subject or issuer; it is how a cookie's
    name or an asked path begins; it is the whole number of an icon.
    """

    place: str
    text: str


def marks(line: str) -> tuple[Mark, ...]:
    """Return the marks of one line, all of which must be there.

    >>> marks("title:big-ip & cookie:bigip")
    (Mark(place='title', text='big-ip'), Mark(place='cookie', text='bigip'))
    """
    found = []
    for each in line.split(" & "):
        place, colon, text = each.partition(":")
        if not colon or place not in PLACES or not text:
            raise ValueError(f"This is no mark: {each!r}")
        found.append(Mark(place, text.lower()))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One product.

    Each line of `shows` is enough; `marks` tells how a line is written. `version` has
    places with a pattern whose group is the version. `source` says where the marks are
    described in public. `confidence` is low where that source says little of the page.
    """

    id: str
    vendor: str
    product: str
    kind: Kind
    shows: tuple[str, ...]
    source: str
    version: tuple[str, ...] = ()
    confidence: Confidence = "high"


@dataclass(frozen=True, slots=True)
class Front:
    """What one web front showed, as it was written.

    `header` has a line "name: value" for each header. `paths` are those that were asked
    for and those that the answers point to.
    """

    title: str = ""
    body: str = ""
    server: str = ""
    auth: str = ""
    header: str = ""
    cookies: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    subject: str = ""
    issuer: str = ""
    icon: int | None = None

    def in_small_letters(self) -> Front:
        """Return the same front as marks are compared with."""
        return Front(
            title=self.title.lower(),
            body=self.body.lower(),
            server=self.server.lower(),
            auth=self.auth.lower(),
            header=self.header.lower(),
            cookies=tuple(name.lower() for name in self.cookies),
            paths=tuple(path.lower() for path in self.paths),
            subject=self.subject.lower(),
            issuer=self.issuer.lower(),
            icon=self.icon,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A fingerprint, ready to be compared."""

    entry: Fingerprint
    lines: tuple[tuple[Mark, ...], ...]
    versions: tuple[tuple[str, re.Pattern[str]], ...] = field(default=())


def prepared(entry: Fingerprint) -> Row:
    """Return a fingerprint ready to be compared. Raises ValueError for a bad line."""
    versions = []
    for each in entry.version:
        place, colon, pattern = each.partition(":")
        if not colon or place not in {"title", "body", "server", "header", "subject"}:
            raise ValueError(f"This is no place of a version: {each!r}")
        versions.append((place, re.compile(pattern)))
    return Row(entry, tuple(marks(line) for line in entry.shows), tuple(versions))
