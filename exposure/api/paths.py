"""The exposure of the lines, and the best way to each of them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import Http404
from rest_framework import exceptions, serializers

from exposure.logic.paths.results import LineResult
from exposure.models import Line
from exposure.services import paths as service
from exposure.services.counting import BeingCounted, NotCounted
from tenants.api.endpoints import Listing, One
from tenants.api.serializers import Filters, Named
from tenants.key_scopes import KeyScope

READ = {"GET": KeyScope.PATHS_READ}


class NotYet(exceptions.APIException):
    """The figures of a large plant are not counted for the sites of the key yet."""

    status_code = 503


class PathSummary(serializers.Serializer[Any]):
    """The newest answer of the path engine, with all that made it."""

    revision = serializers.IntegerField()
    computed_at = serializers.DateTimeField()
    exposure = serializers.FloatField(help_text="Units, over the lines of the key.")
    exposure_low = serializers.FloatField()
    exposure_high = serializers.FloatField()
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
        answer = _newest()
        if answer is None:
            raise Http404
        analysis = answer.analysis
        return {
            "revision": answer.revision.number,
            "computed_at": answer.revision.created_at,
            "exposure": analysis.exposure,
            "exposure_low": analysis.exposure_low,
            "exposure_high": analysis.exposure_high,
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
    basis = serializers.CharField(
        help_text="Of what it rests on, what is known worst: observed, imported or "
        "assumed; certain where it follows from the plant."
    )
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
        help_text="Null: no way. Steps at sites of others are named so, and no more.",
    )


class LineFilters(Filters):
    """Which lines."""

    site = serializers.UUIDField(required=False)


class PathLines(Listing):
    """List the production lines with their exposure and the best way to them."""

    scopes: ClassVar = READ
    shows = LineExposure
    filters = LineFilters

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the lines of the key's sites."""
        return Line.objects.all()

    def prepared(self, page: list[Any]) -> Sequence[Any]:
        """Put each line together with what was computed for it."""
        answer = _newest()
        found = {row.line_id: row for row in answer.analysis.lines} if answer else {}
        return [_with_reach(line, found.get(str(line.pk))) for line in page]


def _newest() -> service.PathAnswer | None:
    try:
        return service.latest()
    except (BeingCounted, NotCounted) as error:
        raise NotYet(str(error)) from error


def _with_reach(line: Line, found: LineResult | None) -> dict[str, Any]:
    names = ("reach", "low", "high", "exposure", "cut_bound", "best")
    return {
        "line": line,
        "site": line.site_id,
        "points": line.points,
        **{name: getattr(found, name) if found else None for name in names},
    }
