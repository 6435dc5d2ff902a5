"""The plant as the path analysis sees it: frozen rows with one canonical form."""

from dataclasses import asdict, dataclass
from enum import StrEnum

from common.canonical import canonical_bytes, canonical_sha256
from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.codec import read

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
    `verified_control` is True while a control on it passes its re-test.
    """

    id: str
    name: str
    from_zone_id: str
    to_zone_id: str = ""
    to_asset_id: str = ""
    ports: tuple[int, ...] = ()
    basis: Basis = Basis.ASSUMED
    verified_control: bool = False


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service that answered; `seen_from` is the zone it was asked from, "" = internet."""

    id: str
    asset_id: str
    port: int
    protocol: str = "tcp"
    seen_from: str = INTERNET


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A weakness on an asset. `port` 0: usable through any service of the asset.

    `ref` is what people call it ("SL-12"); `technique` an ATT&CK for ICS id ("T0819");
    `state` is the state of the finding, see `GONE_STATES`.
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

    @property
    def opens_a_way(self) -> bool:
        """Whether it gives the attacker a step at all."""
        return (
            self.state not in GONE_STATES
            and self.grade != Grade.D
            and self.gives != Gives.NOTHING
        )


@dataclass(frozen=True, slots=True)
class PlantSnapshot:
    """Everything the analysis may look at. The order of rows means nothing."""

    zones: tuple[ZoneRow, ...] = ()
    lines: tuple[LineRow, ...] = ()
    assets: tuple[AssetRow, ...] = ()
    conduits: tuple[ConduitRow, ...] = ()
    services: tuple[ServiceRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()

    def canonical(self) -> bytes:
        """Return the same bytes for the same plant, whatever the order of its rows.

        Raises `common.canonical.NotCanonical` for text that is not valid Unicode
        and numbers that are not finite.
        """
        return canonical_bytes(self._plain())

    @classmethod
    def from_canonical(cls, text: bytes | str) -> "PlantSnapshot":
        """Read what `canonical` wrote, rows ordered by id.

        Raises `common.errors.DomainError` when a field is missing or of another type.
        """
        return read(cls, text)

    @property
    def sha256(self) -> str:
        """The SHA-256 over `canonical()`: 64 hexadecimal digits."""
        return canonical_sha256(self._plain())

    def _plain(self) -> dict[str, object]:
        return {
            "zones": _rows(self.zones),
            "lines": _rows(self.lines),
            "assets": _rows(self.assets),
            "conduits": _rows(self.conduits),
            "services": _rows(self.services),
            "findings": _rows(self.findings),
        }


Row = ZoneRow | LineRow | AssetRow | ConduitRow | ServiceRow | FindingRow


def _rows(rows: tuple[Row, ...]) -> list[dict[str, object]]:
    return [_plain_row(row) for row in sorted(rows, key=lambda row: row.id)]


def _plain_row(row: Row) -> dict[str, object]:
    """Sort what is a set, and write enum members as their plain words."""
    plain: dict[str, object] = {}
    for name, value in asdict(row).items():
        if isinstance(value, list | tuple):
            plain[name] = sorted(set(value))
        else:
            plain[name] = str(value) if isinstance(value, str) else value
    return plain
