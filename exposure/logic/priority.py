"""When to act: the SSVC deployer table, capped by what we know about this asset.

The table is "Deployer Patch Application Priority" version 1.0.0 of CERTCC/SSVC,
copyright Carnegie Mellon University, taken as data and unchanged. The Human Impact
rows follow the published definitions (policy HI-text-1), which ask for more than the
published table in four cells.
"""

from collections.abc import Iterable
from enum import StrEnum

from exposure.logic.grades import Grade
from exposure.logic.paths.policy import POINTS


class Exploitation(StrEnum):
    """What the world does with the weakness now."""

    NONE = "none"
    PUBLIC_POC = "public_poc"
    ACTIVE = "active"


class Exposure(StrEnum):
    """How much of the outside meets the weak system."""

    SMALL = "small"
    CONTROLLED = "controlled"
    OPEN = "open"


class Automatable(StrEnum):
    """Whether one program can attack all such systems; unknown counts as yes."""

    NO = "no"
    YES = "yes"


class HumanImpact(StrEnum):
    """What the loss does to people and to the mission."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


class Safety(StrEnum):
    """The worst harm to people, operators, the system and the environment."""

    NEGLIGIBLE = "negligible"
    MARGINAL = "marginal"
    CRITICAL = "critical"
    CATASTROPHIC = "catastrophic"


class Mission(StrEnum):
    """What the stop does to production."""

    DEGRADED = "degraded"
    CRIPPLED = "support_crippled"
    MEF_FAILURE = "mef_failure"  # one essential function is lost
    MISSION_FAILURE = "mission_failure"


class Band(StrEnum):
    """When to act, from last to first."""

    DEFER = "defer"
    SCHEDULED = "scheduled"
    OUT_OF_CYCLE = "out_of_cycle"
    IMMEDIATE = "immediate"

    @property
    def words(self) -> str:
        """What people read on the screen."""
        return WORDS[self]

    @property
    def rank(self) -> int:
        """0 for Not now, 3 for Now: bands compare by this, never by their names."""
        return list(Band).index(self)


WORDS = {
    Band.IMMEDIATE: "Now",
    Band.OUT_OF_CYCLE: "Next window",
    Band.SCHEDULED: "Planned stop",
    Band.DEFER: "Not now",
}

_LETTERS = dict(zip("DSOI", Band, strict=True))

# Columns: (small, no), (small, yes), (controlled, no), (controlled, yes), (open, no),
# (open, yes); the letters of a word: human impact low, medium, high, very high.
_DEPLOYER = {
    Exploitation.NONE: "DDSS DSSS DSSS SSSS DSSS SSSO",
    Exploitation.PUBLIC_POC: "DSSS SSSS DSSS SSSO SSSO SSOO",
    Exploitation.ACTIVE: "SSOO SOOO SSOO OOOO SOOI OOII",
}

# Rows: safety; the letters: degraded, crippled, MEF failure, mission failure.
_HUMAN_IMPACT = {
    Safety.NEGLIGIBLE: "LLMV",
    Safety.MARGINAL: "MMHV",
    Safety.CRITICAL: "HHHV",
    Safety.CATASTROPHIC: "VVVV",
}
_IMPACT_LETTERS = dict(zip("LMHV", HumanImpact, strict=True))
_CLASSES = dict(zip(HumanImpact, ("C1", "C2", "C3", "C4"), strict=True))

# The band our evidence can carry; from E3 on it carries all of them.
_CAPS = {
    Grade.D: Band.DEFER,
    Grade.E0: Band.DEFER,
    Grade.E1: Band.SCHEDULED,
    Grade.E2: Band.OUT_OF_CYCLE,
    Grade.E3: Band.IMMEDIATE,
    Grade.E4: Band.IMMEDIATE,
}


def indicated(
    exploitation: Exploitation,
    *,
    exposure: Exposure,
    automatable: Automatable,
    impact: HumanImpact,
) -> Band:
    """Return what the table indicates for one weakness and one target.

    >>> indicated(
    ...     Exploitation.ACTIVE,
    ...     exposure=Exposure.OPEN,
    ...     automatable=Automatable.YES,
    ...     impact=HumanImpact.HIGH,
    ... ).words
    'Now'
    """
    columns = _DEPLOYER[exploitation].split()
    column = 2 * list(Exposure).index(exposure) + list(Automatable).index(automatable)
    return _LETTERS[columns[column][list(HumanImpact).index(impact)]]


def asked(indicated_band: Band, *, grade: Grade, kev: bool) -> Band:
    """Return the band that is asked for: the indicated one, as far as evidence goes.

    A theoretical finding asks for nothing, a reachable one for a planned stop, a
    version match for the next window, unless it is known to be exploited. When the
    answer is lower than indicated, proof is owed within the indicated time.
    """
    cap = _CAPS[grade]
    if grade == Grade.E2 and kev:
        cap = Band.IMMEDIATE
    return min(indicated_band, cap, key=lambda band: band.rank)


def worst(bands: Iterable[Band]) -> Band:
    """Return the most urgent of several bands: a finding takes its worst target."""
    return max(bands, key=lambda band: band.rank, default=Band.DEFER)


def human_impact(safety: Safety, *, mission: Mission) -> HumanImpact:
    """Return the human impact of losing a target, by the definitions (HI-text-1)."""
    return _IMPACT_LETTERS[_HUMAN_IMPACT[safety][list(Mission).index(mission)]]


def consequence_class(impact: HumanImpact | None) -> str:
    """Return C1 to C4; None (no production target is reached) is C0."""
    return "C0" if impact is None else _CLASSES[impact]


def consequence_points(impact: HumanImpact | None) -> int:
    """Return the points of the class: 0, 1, 3, 10 or 30."""
    return POINTS[consequence_class(impact)]
