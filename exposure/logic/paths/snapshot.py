"""The plant as the path analysis sees it: frozen rows with one canonical form."""

import functools
from dataclasses import dataclass, field, fields
from enum import StrEnum

from common.canonical import canonical_bytes, canonical_sha256
from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.codec import LATER, SELDOM, read

INTERNET = ""
"""Where a zone id is asked for: the outside, which belongs to nobody."""


class Basis(StrEnum):
    """How we know that a way is open."""

    OBSERVED = "observed"
    IMPORTED = "imported"
    ASSUMED = "assumed"


class Gives(StrEnum):
    """What the attacker has after using a weakness."""

    CONTROL = "control"  # commands the asset and what the asset commands
    FOOTHOLD = "foothold"  # runs code on it, without commanding the process
    NOTHING = "nothing"


class Access(StrEnum):
    """A way in, or on, that needs no weakness: the words of the scoring policy."""

    REUSED = "reused"  # one password on many devices
    PERSONAL = "personal"  # the sign-in of one person
    VENDOR = "vendor"
    PHISHING = "phishing"


class Window(StrEnum):
    """When a vendor's access is open."""

    ALWAYS = "always"
    ON_REQUEST = "on_request"  # somebody at the plant opens it each time
    OVER = "over"  # its last day has passed, and nothing of it answers


class Shut(StrEnum):
    """Why something that was open once opens no way any more."""

    CLOSED = "closed"
    DISPROVED = "disproved"
    GONE = "gone"


GONE_STATES = frozenset({"closed", "disproved", "gone", "out_of_scope", "merged"})
"""A finding in one of these states opens no way; in any other state it still does."""


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone; `level` is its Purdue level (5, 4, 3.5, 3, 2, 1 or 0)."""

    id: str
    name: str
    level: float


@dataclass(frozen=True, slots=True)
class LineRow:
    """A production line; `points` is its consequence (0, 1, 3, 10 or 30).

    `hourly_cost` is shown, never calculated with: text such as "4200.00", "" unknown.
    """

    id: str
    name: str
    points: int
    hourly_cost: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class AssetRow:
    """A device. Who controls it stops the lines in `line_ids`.

    `zone_id` is "" while nobody has placed it. `sends_packets` is False for a device
    that cannot be used to go on from (a serial converter, a plain sensor).
    """

    id: str
    name: str
    zone_id: str
    kind: str = ""
    description: str = ""
    line_ids: tuple[str, ...] = ()
    sends_packets: bool = True


@dataclass(frozen=True, slots=True)
class ConduitRow:
    """A permitted way from a zone ("" = internet) into a zone or to one asset.

    Exactly one of `to_zone_id` and `to_asset_id` is set. `ports` () permits all.
    `verified_control` is True while a control on it passes its re-test; `control` names
    one and says how its test went. `source` says who says so, and when. Both are shown,
    never calculated with.
    """

    id: str
    name: str
    from_zone_id: str
    to_zone_id: str = ""
    to_asset_id: str = ""
    ports: tuple[int, ...] = ()
    basis: Basis = Basis.ASSUMED
    verified_control: bool = False
    source: str = field(default="", metadata=LATER)
    control: str = field(default="", metadata=SELDOM)


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service that answered; `seen_from` is the zone it was asked from, "" = internet.

    `known_since` is the day it was first seen there ("2026-11-14"), "" unknown.
    """

    id: str
    asset_id: str
    port: int
    protocol: str = "tcp"
    seen_from: str = INTERNET
    known_since: str = field(default="", metadata=LATER)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A weakness on an asset. `port` 0: usable through any service of the asset.

    `ref` is what people call it ("SL-12"); `technique` an ATT&CK for ICS id ("T0819");
    `state` is the state of the finding, see `GONE_STATES`. `verified_control` and
    `control` are as those of a conduit.
    """

    id: str
    ref: str
    asset_id: str
    port: int
    title: str
    grade: Grade
    threat: Threat = Threat.NONE
    gives: Gives = Gives.CONTROL
    technique: str = ""
    state: str = "open"
    verified_control: bool = field(default=False, metadata=SELDOM)
    control: str = field(default="", metadata=SELDOM)

    @property
    def opens_a_way(self) -> bool:
        """Whether it gives the attacker a step at all."""
        return (
            self.state not in GONE_STATES
            and self.grade != Grade.D
            and self.gives != Gives.NOTHING
        )


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """A sign-in that exists in the plant: what it is called, never what it is.

    Who controls an asset in `held_on` has it; where it is `stored` (in a file, a
    browser, a script) a foothold there is enough. It signs in to the assets `opens`
    and to all login services of the zones `opens_zones`. A `shared` one is the same
    password everywhere, one cause; else each asset it opens has a cause of its own.
    `mfa`: a second factor is asked for wherever it is used.
    """

    id: str
    name: str
    held_on: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    opens_zones: tuple[str, ...] = ()
    shared: bool = False
    stored: bool = False
    basis: Basis = Basis.ASSUMED
    mfa: bool = False

    @property
    def access(self) -> Access:
        """Which entry of the scoring policy it is."""
        return Access.REUSED if self.shared else Access.PERSONAL


@dataclass(frozen=True, slots=True)
class VendorAccessRow:
    """The remote access of a vendor into a zone or to one asset (exactly one is set).

    `ports` () are those of its conduit, and without any: all of an asset, and presence
    in a zone. `conduit_id` "" is a way of its own; else the conduit must be open too.
    """

    id: str
    vendor: str
    to_zone_id: str = ""
    to_asset_id: str = ""
    ports: tuple[int, ...] = ()
    conduit_id: str = ""
    basis: Basis = Basis.ASSUMED
    mfa: bool = False
    window: Window = Window.ALWAYS


@dataclass(frozen=True, slots=True)
class ShutRow:
    """What was proven shut at an asset, for the answer to "why is there no path".

    `label` is the reference of a finding ("SL-12") or what answered there; `day` when
    it was proven ("2026-11-14"), "" unknown.
    """

    id: str
    asset_id: str
    port: int
    label: str
    how: Shut
    day: str = ""


@dataclass(frozen=True)
class PlantSnapshot:
    """Everything the analysis may look at. The order of rows means nothing."""

    zones: tuple[ZoneRow, ...] = ()
    lines: tuple[LineRow, ...] = ()
    assets: tuple[AssetRow, ...] = ()
    conduits: tuple[ConduitRow, ...] = ()
    services: tuple[ServiceRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    credentials: tuple[CredentialRow, ...] = field(default=(), metadata=LATER)
    vendor_accesses: tuple[VendorAccessRow, ...] = field(default=(), metadata=LATER)
    shut: tuple[ShutRow, ...] = field(default=(), metadata=LATER)

    def canonical(self) -> bytes:
        """Return the same bytes for the same plant, whatever the order of its rows.

        Raises `common.canonical.NotCanonical` for text that is not valid Unicode
        and numbers that are not finite.
        """
        return canonical_bytes(self._plain())

    @classmethod
    def from_canonical(cls, text: bytes | str) -> "PlantSnapshot":
        """Read what `canonical` wrote, now or in an earlier version; rows by id.

        What an earlier version did not know of is empty. Raises
        `common.errors.DomainError` when a field is missing or of another type.
        """
        return read(cls, text)

    @functools.cached_property
    def sha256(self) -> str:
        """The SHA-256 over `canonical()`: 64 hexadecimal digits."""
        return canonical_sha256(self._plain())

    def _plain(self) -> dict[str, object]:
        return {each.name: _rows(getattr(self, each.name)) for each in fields(self)}


Row = (
    ZoneRow
    | LineRow
    | AssetRow
    | ConduitRow
    | ServiceRow
    | FindingRow
    | CredentialRow
    | VendorAccessRow
    | ShutRow
)


def _rows(rows: tuple[Row, ...]) -> list[dict[str, object]]:
    return [_plain_row(row) for row in sorted(rows, key=lambda row: row.id)]


def _plain_row(row: Row) -> dict[str, object]:
    """Sort what is a set, and write enum members as their plain words."""
    plain: dict[str, object] = {}
    for each in fields(row):
        value = getattr(row, each.name)
        if "seldom" in each.metadata and value == each.default:
            continue
        if isinstance(value, tuple):
            plain[each.name] = sorted(set(value))
        else:
            plain[each.name] = str(value) if isinstance(value, str) else value
    return plain
