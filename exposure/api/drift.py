"""Schedules and what changed: read only."""

from typing import Any, ClassVar

from rest_framework import serializers

from exposure.models import Schedule
from exposure.models.drift import CHANGE_WORDS
from exposure.models.schedules import EVERY_CHOICES, PROFILE_CHOICES
from exposure.services.drift import changes
from tenants.api.endpoints import Listing
from tenants.api.serializers import Filters, Named
from tenants.key_scopes import KeyScope

READ = {"GET": KeyScope.RUNS_READ}
KINDS = [(kind.value, word) for kind, word in CHANGE_WORDS.items()]


class ScheduleItem(serializers.Serializer[Any]):
    """How often a plant is looked at without anybody asking."""

    id = serializers.UUIDField()
    site = Named()
    authorisation = serializers.CharField(source="authorisation.reference")
    profile = serializers.ChoiceField(choices=PROFILE_CHOICES)
    every = serializers.ChoiceField(choices=EVERY_CHOICES)
    at = serializers.CharField(help_text="Local time of the zone, such as 02:00:00.")
    zone = serializers.CharField(help_text="Such as Europe/London.")
    weekday = serializers.IntegerField(help_text="Of a weekly one; Monday is 0.")
    day = serializers.IntegerField(help_text="Of a monthly one.")
    on_new_check = serializers.BooleanField(
        help_text="Also when a new critical check appears."
    )
    enabled = serializers.BooleanField()
    next_at = serializers.DateTimeField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)
    trouble = serializers.CharField(help_text="Why the last start did not happen.")


class ScheduleFilters(Filters):
    """Which schedules."""

    site = serializers.UUIDField(required=False)
    enabled = serializers.BooleanField(required=False)


class Schedules(Listing):
    """List the schedules."""

    scopes: ClassVar = READ
    shows = ScheduleItem
    filters = ScheduleFilters

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the schedules of the key's sites."""
        return Schedule.objects.select_related("site", "authorisation")


class ChangeItem(serializers.Serializer[Any]):
    """One difference between two looks at one service."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=KINDS)
    before = serializers.CharField()
    after = serializers.CharField()
    service = serializers.UUIDField(source="service_id")
    asset = Named(source="service.asset")
    site = serializers.UUIDField(source="service.asset.site_id")
    address = serializers.CharField(source="service.address")
    port = serializers.IntegerField(source="service.port")
    transport = serializers.CharField(source="service.transport")
    run = serializers.IntegerField(
        source="run.number",
        allow_null=True,
        default=None,
        help_text="Null: a run of another site.",
    )


class ChangeFilters(Filters):
    """Which changes."""

    site = serializers.UUIDField(required=False, source="service__asset__site")
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    since = serializers.DateTimeField(required=False, source="at__gte")
    run = serializers.IntegerField(
        required=False, source="run__number", min_value=1, max_value=2**31 - 1
    )


class Changes(Listing):
    """List what is new, has changed or is gone, the newest first."""

    scopes: ClassVar = READ
    shows = ChangeItem
    filters = ChangeFilters
    order = "-id"

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the changes at the key's sites."""
        return changes()
