"""What a plan says: frozen, with all inputs named, and the same bytes each time."""

from dataclasses import asdict, dataclass, field

from common.canonical import canonical_bytes
from exposure.logic.paths.codec import LATER, read
from exposure.logic.paths.plans.costs import ChangeKind


@dataclass(frozen=True, slots=True)
class LineStop:
    """A line stands still for `hours`, in a window where windows were given.

    `starts` and `ends` are those of what freezes leave of the window (ISO 8601); all
    three are "" without one.
    """

    line_id: str
    hours: float
    window_id: str
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change that could be made. `place` is 1, 2, ... in the plan, else 0.

    `removes`: for a change of the plan, the exposure that goes when it is made after
    those before it, so that the sum is what the plan removes; for another, what would
    go if it were made on top of the plan. `removes_alone`: what goes when nothing else
    is done. A change of the plan that removes nothing alone says in `works_with` which
    others make it work, and none of these can be left out. `why_not`: what is in the
    way of a change that is not in the plan, "" if nothing is. `assumed`: its hours are
    those of the table of costs. `behind`: ids of the findings that stand behind it, see
    `plans.behind`. `only_in`: as in `Candidate`. `network`: when it is worked on, for a
    change that stops no line and is made in windows of a network.
    """

    id: str
    kind: ChangeKind
    subject_kind: str
    subject_id: str
    label: str
    hours: float
    downtime: float
    stops: tuple[LineStop, ...]
    assumed: bool
    is_fixed: bool
    place: int
    removes: float
    removes_alone: float
    works_with: tuple[str, ...]
    why_not: str
    behind: tuple[str, ...] = field(default=(), metadata=LATER)
    only_in: tuple[str, ...] = field(default=(), metadata=LATER)
    network: tuple[LineStop, ...] = field(default=(), metadata=LATER)

    @property
    def works(self) -> tuple[LineStop, ...]:
        """All that is done in windows: on lines, or on a network."""
        return (*self.stops, *self.network)


@dataclass(frozen=True, slots=True)
class Point:
    """The best that was found for a downtime: a point of the curve.

    `downtime` and `hours` are what these changes take, and all that was allowed above
    that (up to the next point) does not help. `exposure` is judged in fresh worlds;
    `planned` is what the worlds of planning say and `bound` what no allowed set gets
    below there; `gap` is the distance between the two as a share of `planned`.
    """

    downtime: float
    hours: float
    exposure: float
    planned: float
    bound: float
    gap: float
    change_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WayLeft:
    """The likeliest way found that the plan leaves open.

    `p` multiplies its distinct causes after the plan: a lower bound of the reach.
    `facts` are what the attacker wins, in order; `steps` the numbers of the steps in
    the attack model, in the same order.
    """

    p: float
    facts: tuple[str, ...]
    steps: tuple[int, ...]
    cause_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineLeft:
    """A line before the plan and after it. `way` None: no way is left at all."""

    line_id: str
    points: float
    reach_before: float
    reach: float
    exposure_before: float
    exposure: float
    way: WayLeft | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The best set of changes that the limits allow.

    Exposures are in units. `exposure_before` and `exposure` are judged in fresh worlds,
    those of the analysis with this seed; `planned`, `bound` and `gap` as in `Point`.
    `is_proven`: the gap is a hundredth of a percent or less. `is_complete`: nobody
    stopped the work and no time ran out. `done_by` is the end of the last window used,
    "" without windows. Changes of the plan come first, in order; then the others, by
    what they would remove. `frontier` ascends in downtime.
    """

    engine: str
    costs: str
    seed: str
    worlds: int
    fresh_worlds: int
    is_complete: bool
    is_proven: bool
    sentence: str
    exposure_before: float
    exposure: float
    planned: float
    bound: float
    gap: float
    hours: float
    downtime: float
    done_by: str
    changes: tuple[ChangeRow, ...]
    frontier: tuple[Point, ...]
    lines: tuple[LineLeft, ...]

    def to_json(self) -> bytes:
        """Return the canonical JSON (RFC 8785): the same plan, the same bytes.

        A change that has nothing to do with a network is written as it was before
        there were such windows.
        """
        plain = asdict(self)
        for row in plain["changes"]:
            if not row["network"]:
                del row["network"]
        return canonical_bytes(plain)

    @classmethod
    def from_json(cls, text: bytes | str) -> "Plan":
        """Read what `to_json` wrote. Raises `common.errors.DomainError` otherwise."""
        return read(cls, text)


def in_words(*, changes: int, downtime: float, before: float, after: float) -> str:
    """Return what a plan does as one sentence.

    >>> in_words(changes=2, downtime=0, before=25.8, after=10.1)
    'Two changes without downtime remove 61 % of the exposure.'
    >>> in_words(changes=1, downtime=1.5, before=3, after=0)
    'One change with 1.5 h of downtime removes all of the exposure.'
    """
    if not before:
        return "Nothing is exposed, so there is nothing to plan."
    if not changes:
        return "Nothing that is allowed removes any of the exposure."
    many = changes > 1
    count = _NUMBERS.get(changes, str(changes))
    stands = f"with {downtime:.4g} h of" if downtime else "without"
    return (
        f"{count} change{'s' * many} {stands} downtime remove{'s' * (not many)} "
        f"{_share(before, after)} of the exposure."
    )


_NUMBERS = dict(
    enumerate(("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight"), start=1)
)


def _share(before: float, after: float) -> str:
    removed = 100.0 * (before - after) / before
    if removed <= 0.0:
        return "nothing"
    if after <= 0.0:
        return "all"
    return f"{min(max(round(removed), 1), 99)} %"
