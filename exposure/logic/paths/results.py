"""What an analysis answers: frozen, with all inputs named, the same bytes each time."""

from dataclasses import asdict, dataclass, field

from common.canonical import canonical_bytes
from exposure.logic.paths.codec import LATER, read


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One uncertain reason. `p` is its chance; `word` a grade ("E3") or a basis.

    `kind` is "finding", "conduit", "same_zone", "service", "credential", "vendor" or
    "phishing"; `subject_id` the id of the row it speaks of (of the zone for phishing).
    """

    id: str
    kind: str
    subject_id: str
    label: str
    p: float
    word: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One move on a path, from one box of the map to the next.

    `from_kind` is "internet" or "asset", `to_kind` "asset" or "line"; the ids are those
    of the rows ("internet" for the internet). `way` names in a few words what let the packets through, `how`
    says all of it in sentences. `p` is the product over
    `cause_ids`. `grade` is the grade of the finding used ("" when none was needed),
    `basis` how we know the way: observed, imported, assumed, or "certain" for a hop
    that follows from the plant itself. `finding_id` and `conduit_id` may be "".
    """

    number: int
    from_kind: str
    from_id: str
    from_name: str
    to_id: str
    to_name: str
    to_kind: str
    way: str
    how: str
    technique: str
    port: int
    p: float
    basis: str
    grade: str
    finding_id: str
    conduit_id: str
    cause_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPath:
    """One complete way in. `p` multiplies its distinct causes: a lower bound of reach."""

    p: float
    hops: tuple[Hop, ...]
    cause_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChokePoint:
    """A fact every route to the line passes, in words."""

    fact: str
    words: str


@dataclass(frozen=True, slots=True)
class LineResult:
    """What an outsider does to one production line.

    `reach` is the share of worlds in which the line is lost; `low` and `high` the
    90 % interval that follows from the grades; `exposure` = points x reach, in units.
    `best` is the best path found (None: no path, then `reasons` says why), `others`
    up to three that differ. `cut_bound` is a proven upper bound of the reach and
    `cut_cause_ids` its explanation: without all of them there is no way. `rare` is the
    reach of a line that fewer than 16 of the worlds lose, calculated from likelier
    parts; it is in no sum. None: the worlds say enough, or the parts too little.
    """

    line_id: str
    name: str
    points: int
    reach: float
    low: float
    high: float
    exposure: float
    best: FoundPath | None
    others: tuple[FoundPath, ...]
    cut_bound: float
    cut_cause_ids: tuple[str, ...]
    choke_points: tuple[ChokePoint, ...]
    reasons: tuple[str, ...]
    rare: float | None = field(default=None, metadata=LATER)


@dataclass(frozen=True, slots=True)
class ChangeValue:
    """One candidate change: what closing exactly this removes, in the same worlds.

    `kind` and `subject_id` are those of the causes that it closes ("finding", "conduit",
    "vendor", "credential", "same_zone"), `id` is both ("conduit:7"). `removes` and `leaves` are units. A change with
    `nothing_alone` may still be half of a good plan: `works_with` names changes that
    remove more together with it than without it.
    """

    id: str
    kind: str
    subject_id: str
    label: str
    removes: float
    leaves: float
    nothing_alone: bool
    works_with: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingResult:
    """One open finding. `through` = units an attacker who uses it goes on to reach.

    `removes` = units that closing it alone removes; never more than `through`.
    `line_ids`: the lines it leads to.
    """

    finding_id: str
    ref: str
    through: float
    removes: float
    line_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssetResult:
    """How often (share of worlds) a packet reaches the asset, and it is controlled."""

    asset_id: str
    reached: float
    controlled: float


@dataclass(frozen=True, slots=True)
class UnknownService:
    """A service that is reached while no weakness of it is known."""

    asset_id: str
    asset_name: str
    port: int
    reached: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """What we would know once somebody has found out about one cause.

    `if_true` and `if_false` are the exposure in units if the cause were certain and if
    it were impossible, all else as it is, in the same worlds. `moves` is how far the
    exposure is expected to move, up or down, when the truth is known. `doubt` is the
    part of the uncertainty of the exposure that comes from this cause alone: its
    standard deviation in units while the chance of the cause is as uncertain as its
    grade says (exact, as exposure is linear in each chance).
    """

    cause_id: str
    chance: float
    if_true: float
    if_false: float
    moves: float
    doubt: float


@dataclass(frozen=True, slots=True)
class PathAnalysis:
    """The answer for one plant. `revision` names snapshot, policy, seed and worlds.

    `exposure`, `exposure_low`, `exposure_high` are units over all lines. `sentence`
    is the result in words. Changes are sorted by what they remove, lines by exposure,
    `unknowns` (what to find out first) by doubt; there are none in older answers.
    """

    revision: str
    engine: str
    snapshot_sha256: str
    policy_version: str
    policy_sha256: str
    seed: str
    worlds: int
    exposure: float
    exposure_low: float
    exposure_high: float
    sentence: str
    lines: tuple[LineResult, ...]
    changes: tuple[ChangeValue, ...]
    findings: tuple[FindingResult, ...]
    assets: tuple[AssetResult, ...]
    unknown_services: tuple[UnknownService, ...]
    causes: tuple[CauseRow, ...]
    unknowns: tuple[Unknown, ...] = field(default=(), metadata=LATER)

    def to_json(self) -> bytes:
        """Return the canonical JSON (RFC 8785): the same analysis, the same bytes."""
        return canonical_bytes(asdict(self))

    @classmethod
    def from_json(cls, text: bytes | str) -> "PathAnalysis":
        """Read what `to_json` wrote. Raises `common.errors.DomainError` otherwise."""
        return read(cls, text)
