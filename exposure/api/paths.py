"""The exposure of the lines, and the best way to each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import Http404
from rest_framework import serializers

from exposure.logic.paths.results import FoundPath, LineResult
from exposure.models import Asset, Line
from exposure.services import paths as service
from exposure.services.paths import PathAnswer
from tenants.api.endpoints import Listing, One
from tenants.api.serializers import Filters, Named
from tenants.key_scopes import KeyScope

READ = {"GET": KeyScope.PATHS_READ}


class PathSummary(serializers.Serializer[Any]):
    """The newest answer of the path engine, with all that made it."""

    revision = serializers.IntegerField()
    computed_at = serializers.DateTimeField()
    exposure = serializers.FloatField(help_text="Units, over the lines of the key.")
    exposure_low = serializers.FloatField(
        allow_null=True, help_text="Null for a key of some sites only."
    )
    exposure_high = serializers.FloatField(allow_null=True)
    worlds = serializers.IntegerField()
    seed = serializers.CharField()
    engine = serializers.CharField()
    policy = serializers.CharField()
    policy_hash = serializers.CharField()
    plant_hash = serializers.CharField()
    answer_hash = serializers.CharField()


class Paths(One):
    """Return the exposure of the workspace and how it was computed."""

    scopes: ClassVar = READ
    shows = PathSummary

    def found(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002 - the address has no parameter
        """Return the newest answer; there is none before the first run."""
        answer = service.latest()
        if answer is None:
            raise Http404
        analysis, whole = answer.analysis, self.bearer.sites is None
        lines = self.in_reach(Line.objects.all(), "site").values_list("pk", flat=True)
        own = {str(pk) for pk in lines}
        units = sum(row.exposure for row in analysis.lines if row.line_id in own)
        return {
            "revision": answer.revision.number,
            "computed_at": answer.revision.created_at,
            "exposure": analysis.exposure if whole else units,
            "exposure_low": analysis.exposure_low if whole else None,
            "exposure_high": analysis.exposure_high if whole else None,
            "worlds": analysis.worlds,
            "seed": analysis.seed,
            "engine": analysis.engine,
            "policy": analysis.policy_version,
            "policy_hash": analysis.policy_sha256,
            "plant_hash": analysis.snapshot_sha256,
            "answer_hash": analysis.revision,
        }


class HopItem(serializers.Serializer[Any]):
    """One move of the way."""

    number = serializers.IntegerField()
    from_name = serializers.CharField()
    to_name = serializers.CharField()
    how = serializers.CharField()
    port = serializers.IntegerField()
    p = serializers.FloatField()
    grade = serializers.CharField()
    basis = serializers.CharField()
    technique = serializers.CharField()


class WayItem(serializers.Serializer[Any]):
    """One complete way in; `p` multiplies its causes."""

    p = serializers.FloatField()
    hops = HopItem(many=True)


class LineExposure(serializers.Serializer[Any]):
    """What an outsider does to one line. Null: not computed yet."""

    line = Named()
    site = serializers.UUIDField()
    points = serializers.IntegerField()
    reach = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    exposure = serializers.FloatField(allow_null=True)
    cut_bound = serializers.FloatField(allow_null=True)
    best = WayItem(
        allow_null=True,
        help_text="Null: no way, or one through sites that the key does not get at.",
    )


class LineFilters(Filters):
    """Which lines."""

    site = serializers.UUIDField(required=False)


@dataclass(frozen=True, slots=True)
class Reach:
    """What of an answer the key may see: of sites only, ways inside of them."""

    answer: PathAnswer | None
    assets: frozenset[str] | None

    def of(self, line: Line) -> dict[str, Any]:
        """Return what is shown of a line."""
        rows = self.answer.analysis.lines if self.answer else ()
        found = next((row for row in rows if row.line_id == str(line.pk)), None)
        names = ("reach", "low", "high", "exposure", "cut_bound")
        return {
            "line": line,
            "site": line.site_id,
            "points": line.points,
            **{name: getattr(found, name) if found else None for name in names},
            "best": self._best(found),
        }

    def _best(self, row: LineResult | None) -> FoundPath | None:
        if row is None or row.best is None or self.assets is None:
            return row.best if row else None
        passed = {
            end
            for hop in row.best.hops
            for end, kind in ((hop.from_id, hop.from_kind), (hop.to_id, hop.to_kind))
            if kind == "asset"
        }
        return row.best if passed <= self.assets else None


class PathLines(Listing):
    """List the production lines with their exposure and the best way to them."""

    scopes: ClassVar = READ
    shows = LineExposure
    filters = LineFilters

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the lines of the key's sites."""
        return self.in_reach(Line.objects.all(), "site")

    def prepared(self, page: list[Any]) -> Sequence[Any]:
        """Put each line together with what was computed for it."""
        reach = Reach(service.latest(), self._assets())
        return [reach.of(line) for line in page]

    def _assets(self) -> frozenset[str] | None:
        if self.bearer.sites is None:
            return None
        rows = self.in_reach(Asset.objects.all(), "site").values_list("pk", flat=True)
        return frozenset(str(pk) for pk in rows)
