"""When to act on a finding, from its evidence and the lines it leads to."""

from dataclasses import dataclass

from exposure.logic.grades import Grade
from exposure.logic.priority import (
    Automatable,
    Band,
    Exploitation,
    Exposure,
    HumanImpact,
    Mission,
    Safety,
    asked,
    human_impact,
    indicated,
    worst,
)
from exposure.models import Finding, Line
from exposure.services import paths


@dataclass(frozen=True, slots=True)
class Bands:
    """The band that is asked for, and the one the table indicates without our cap."""

    asked: Band
    indicated: Band


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a finding leads: the ids of lines, None while no path was computed."""

    line_ids: tuple[str, ...] | None
    reached: bool

    @property
    def leads_to_ot(self) -> bool | None:
        """Whether a path goes on to production; None while nobody knows."""
        return None if self.line_ids is None else bool(self.line_ids)


def reach_of(finding: Finding) -> Reach:
    """Return where the finding leads, after the newest path revision."""
    answer = paths.latest()
    if answer is None:
        return Reach(None, reached=True)
    mine = next(
        (row for row in answer.analysis.findings if row.finding_id == str(finding.pk)),
        None,
    )
    asset = next(
        (a for a in answer.analysis.assets if a.asset_id == str(finding.asset_id)), None
    )
    return Reach(
        line_ids=mine.line_ids if mine else (),
        reached=asset is not None and asset.reached > 0,
    )


def bands_of(finding: Finding, *, reach: Reach) -> Bands:
    """Return when to act: the worst over all lines the finding leads to.

    It leads to no line: the impact is low. While no path was computed, the line of
    the asset itself counts. Whether an attack can be automated is unknown: yes.
    """
    bands = [
        indicated(
            Exploitation(finding.threat),
            exposure=_exposure(finding, reach),
            automatable=Automatable.YES,
            impact=impact,
        )
        for impact in _impacts(finding, reach) or [HumanImpact.LOW]
    ]
    most = worst(bands)
    return Bands(asked(most, grade=Grade(finding.grade), kev=False), most)


def _exposure(finding: Finding, reach: Reach) -> Exposure:
    if finding.service.vantage.zone_id is None:
        return Exposure.OPEN
    return Exposure.CONTROLLED if reach.reached else Exposure.SMALL


def _impacts(finding: Finding, reach: Reach) -> list[HumanImpact]:
    if reach.line_ids is None:
        lines = [finding.asset.line] if finding.asset.line else []
    else:
        lines = list(Line.objects.filter(pk__in=reach.line_ids))
    return [
        human_impact(Safety(line.safety), mission=Mission(line.mission))
        for line in lines
    ]
