"""The plant: sites, zones, lines, assets and what answers on them."""

from typing import Any, ClassVar

from rest_framework import serializers

from exposure.models import (
    Asset,
    AssetKind,
    Line,
    Service,
    ServiceState,
    Site,
    Zone,
)
from exposure.models.plant import MISSION_WORDS, SAFETY_WORDS
from tenants.api.endpoints import Listing
from tenants.api.serializers import Filters, Named
from tenants.key_scopes import KeyScope

READ = {"GET": KeyScope.PLANT_READ}


class SiteFilters(Filters):
    """Rows of one site."""

    site = serializers.UUIDField(required=False)


class SiteItem(Named):
    """One plant."""


class Sites(Listing):
    """List the sites."""

    scopes: ClassVar = READ
    shows = SiteItem

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the sites that the key gets at."""
        return Site.objects.all()


class ZoneItem(Named):
    """One zone, with its Purdue level."""

    site = Named()
    level = serializers.FloatField()
    is_safety = serializers.BooleanField()


class Zones(Listing):
    """List the zones."""

    scopes: ClassVar = READ
    shows = ZoneItem
    filters = SiteFilters

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the zones of the key's sites."""
        return Zone.objects.select_related("site")


class LineItem(Named):
    """One production line and what losing it means."""

    site = Named()
    description = serializers.CharField()
    hourly_cost = serializers.IntegerField(help_text="Euro per hour of stop.")
    safety = serializers.ChoiceField(choices=[code.value for code in SAFETY_WORDS])
    mission = serializers.ChoiceField(choices=[code.value for code in MISSION_WORDS])
    points = serializers.IntegerField(help_text="0, 1, 3, 10 or 30.")


class Lines(Listing):
    """List the production lines."""

    scopes: ClassVar = READ
    shows = LineItem
    filters = SiteFilters

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the lines of the key's sites."""
        return Line.objects.select_related("site")


class EndpointItem(serializers.Serializer[Any]):
    """Where an asset answers."""

    address = serializers.CharField()
    port = serializers.IntegerField(allow_null=True)


class AssetItem(Named):
    """One device."""

    kind = serializers.ChoiceField(choices=AssetKind.choices)
    description = serializers.CharField()
    site = Named()
    zone = Named(allow_null=True)
    line = Named(allow_null=True)
    described = serializers.BooleanField(help_text="False: found, not in the list.")
    endpoints = EndpointItem(many=True, source="endpoints.all")


class AssetFilters(SiteFilters):
    """Which assets."""

    kind = serializers.ChoiceField(choices=AssetKind.choices, required=False)
    zone = serializers.UUIDField(required=False)
    line = serializers.UUIDField(required=False)


class Assets(Listing):
    """List the assets."""

    scopes: ClassVar = READ
    shows = AssetItem
    filters = AssetFilters

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the assets of the key's sites."""
        rows = Asset.objects.select_related("site", "zone", "line")
        return rows.prefetch_related("endpoints")


class ServiceItem(serializers.Serializer[Any]):
    """What answers on one port, as of the last run."""

    id = serializers.UUIDField()
    asset = Named()
    site = serializers.UUIDField(source="asset.site_id")
    vantage = serializers.CharField(source="vantage.name")
    address = serializers.CharField()
    port = serializers.IntegerField()
    protocol = serializers.CharField()
    product = serializers.CharField()
    state = serializers.ChoiceField(choices=ServiceState.choices)
    first_seen = serializers.DateTimeField()
    last_seen = serializers.DateTimeField()


class ServiceFilters(Filters):
    """Which services."""

    site = serializers.UUIDField(required=False, source="asset__site")
    asset = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=ServiceState.choices, required=False)
    protocol = serializers.CharField(required=False, max_length=20)
    port = serializers.IntegerField(required=False, min_value=1, max_value=65535)


class Services(Listing):
    """List the services that were found."""

    scopes: ClassVar = READ
    shows = ServiceItem
    filters = ServiceFilters

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the services of the key's sites."""
        return Service.objects.select_related("asset", "vantage")
