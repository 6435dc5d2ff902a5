"""The rows of the page of attack paths, as its templates read them."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from exposure.logic.path_map import PathMap
from exposure.services.paths import PathAnswer
from exposure.views.by_hand import ByHand
from exposure.views.change_rows import ChangeRow
from exposure.views.hop_rows import HopRow
from exposure.views.path_questions import QuestionRow
from exposure.views.route_rows import Routes
from exposure.views.safety_rows import NO_SAFETY, SafetyPart
from exposure.views.unknown_rows import UnknownPage

ALL = "all"
"""The word in the address for a list that is not cut short."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader asked to see; `number` 0 is the best way to the line.

    `counted` is how: EVIDENCED without what is only assumed, PHISHING with mail as a way
    in, and "" as the policy has it. `order` is how changes are sorted. `all_ways`: the
    list is not cut short.
    """

    line_id: str = ""
    number: int = 0
    counted: str = ""
    order: str = ""
    all_ways: bool = False

    def query(self) -> str:
        """Return it as a query string."""
        asked = {"line": self.line_id, "way": str(self.number) if self.number else ""}
        asked |= {"grade": self.counted, "order": self.order}
        asked["ways"] = ALL if self.all_ways else ""
        return "?" + urlencode({key: value for key, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class PathRow:
    """One entry of the list. `units`: of the whole line, or of this way alone."""

    url: str
    label: str
    units: float
    band: str
    names: list[str]
    note: str
    current: bool


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One of the two ways to count."""

    url: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """The selected path: its line, that line's units, and the exposure it begins with.

    `confidence` is one word for the whole path, `why` the weakest step that it is of.
    """

    label: str
    units: float
    low: float | None
    high: float | None
    ref: str
    ref_url: str
    rarely: str
    ending_url: str
    confidence: str
    why: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How the number was made: everything that is needed to make it again."""

    revision: int
    at: dt.datetime
    worlds: int
    seed: str
    engine: str
    policy: str
    policy_hash: str
    snapshot_hash: str
    answer_hash: str


def counted_row(answer: PathAnswer) -> Counted:
    """Return how an answer was made."""
    analysis = answer.analysis
    return Counted(
        revision=answer.revision.number,
        at=answer.revision.created_at,
        worlds=analysis.worlds,
        seed=analysis.seed,
        engine=analysis.engine,
        policy=analysis.policy_version,
        policy_hash=analysis.policy_sha256,
        snapshot_hash=analysis.snapshot_sha256,
        answer_hash=analysis.revision,
    )


@dataclass(frozen=True, slots=True)
class PathPage:
    """The context of exposure/paths/detail.html.

    `safe`: name and address of each line without a known way.
    """

    claim: str
    lead: str
    views: list[ViewRow]
    paths: list[PathRow]
    others: list[PathRow]
    more: int
    more_url: str
    map: PathMap | None
    hops: list[HopRow]
    chosen: ChosenRow | None
    safe: list[tuple[str, str]]
    changes: list[ChangeRow]
    questions: list[QuestionRow]
    reasons: list[str]
    counted: Counted | None
    hand: ByHand | None
    routes: Routes | None
    unknown: UnknownPage | None
    total: float
    safety: SafetyPart = NO_SAFETY
