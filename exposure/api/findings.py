"""Exposures with their state, and the evidence that each of them rests on."""

import re
from typing import Any, ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from exposure.logic.grades import Grade, Threat
from exposure.models import Evidence, EvidenceKind, Finding, FindingState
from tenants.api.endpoints import Listing, One
from tenants.api.serializers import Filters, Named
from tenants.key_scopes import KeyScope

READ = {"GET": KeyScope.EXPOSURES_READ}
REF = re.compile(r"SL-([1-9][0-9]{0,8})")
RELATED = ("asset__site", "asset__zone", "asset__line", "service__vantage")
GRADES = [grade.value for grade in Grade]
THREATS = [threat.value for threat in Threat]


class Socket(serializers.Serializer[Any]):
    """Where the weakness is."""

    id = serializers.UUIDField()
    address = serializers.CharField()
    port = serializers.IntegerField()
    protocol = serializers.CharField()
    vantage = serializers.CharField(source="vantage.name")


class ExposureItem(serializers.Serializer[Any]):
    """One weakness on one asset: what is known of it, and how well."""

    id = serializers.UUIDField()
    ref = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=FindingState.choices)
    grade = serializers.ChoiceField(choices=GRADES)
    threat = serializers.ChoiceField(choices=THREATS)
    gives = serializers.CharField(help_text="What an attacker has by it.")
    technique = serializers.CharField(help_text="ATT&CK for ICS, or empty.")
    check = serializers.CharField(source="check_id")
    check_version = serializers.IntegerField()
    asset = Named()
    site = Named(source="asset.site")
    zone = Named(source="asset.zone", allow_null=True)
    line = Named(source="asset.line", allow_null=True)
    service = Socket()
    revision = serializers.IntegerField(help_text="Of the evidence.")
    evidence_hash = serializers.CharField(help_text="SHA-256 of what people sign.")
    detected_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class ExposureFilters(Filters):
    """Which exposures."""

    state = serializers.ChoiceField(choices=FindingState.choices, required=False)
    grade = serializers.ChoiceField(choices=GRADES, required=False)
    site = serializers.UUIDField(required=False, source="asset__site")
    asset = serializers.UUIDField(required=False)
    line = serializers.UUIDField(required=False, source="asset__line")


class Exposures(Listing):
    """List the exposures, the newest first."""

    scopes: ClassVar = READ
    shows = ExposureItem
    filters = ExposureFilters
    order = "-number"

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the exposures of the key's sites."""
        return Finding.objects.select_related(*RELATED)


class EvidenceSummary(serializers.Serializer[Any]):
    """One item of evidence, without its transcript."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=EvidenceKind.choices)
    holds = serializers.BooleanField(allow_null=True, help_text="Null: no answer.")
    grade = serializers.ChoiceField(choices=GRADES)
    title = serializers.CharField()
    text = serializers.CharField()
    vantage = serializers.CharField(source="vantage_name")
    check = serializers.CharField(source="check_id")
    check_version = serializers.IntegerField()
    not_done = serializers.CharField(help_text="What was left out, to be gentle.")
    replay = serializers.CharField(help_text="The command that shows it again.")
    revision = serializers.IntegerField()
    at = serializers.DateTimeField()
    sha256 = serializers.CharField()


class Exchange(serializers.Serializer[Any]):
    """Bytes that went one way."""

    at = serializers.FloatField(help_text="Seconds since the connection began.")
    direction = serializers.ChoiceField(choices=["sent", "received"])
    hex = serializers.CharField(allow_blank=True)


class EvidenceItem(EvidenceSummary):
    """One item of evidence, with every byte of its transcript."""

    exchanges = Exchange(many=True)


class ExposureDetail(ExposureItem):
    """One exposure with its newest evidence."""

    NEWEST: ClassVar[int] = 20

    evidence = serializers.SerializerMethodField()
    evidence_count = serializers.SerializerMethodField()

    @extend_schema_field(EvidenceSummary(many=True))
    def get_evidence(self, row: Finding) -> Any:
        """Return the newest items; all of them are at its own address."""
        items = Evidence.objects.filter(finding=row).defer("exchanges")
        newest = items.order_by("-id")[: self.NEWEST]
        return EvidenceSummary(newest, many=True).data

    def get_evidence_count(self, row: Finding) -> int:
        """Return how many items there are."""
        return Evidence.objects.filter(finding=row).count()


class Exposure(One):
    """Return one exposure with its newest evidence."""

    scopes: ClassVar = READ
    shows = ExposureDetail

    def found(self, **kwargs: Any) -> Finding:
        """Return the exposure that people call SL-12."""
        return exposure_or_404(kwargs["ref"])


class EvidenceOfExposure(Listing):
    """List all evidence of one exposure, the newest first, with transcripts."""

    scopes: ClassVar = READ
    shows = EvidenceItem
    order = "-id"

    def rows(self, **kwargs: Any) -> Any:
        """Return the items of one exposure."""
        return Evidence.objects.filter(finding=exposure_or_404(kwargs["ref"]))


def exposure_or_404(ref: str) -> Finding:
    """Return the exposure behind a reference, if the key gets at its site."""
    found = REF.fullmatch(ref)
    if found is None:
        raise Http404
    rows = Finding.objects.select_related(*RELATED)
    finding: Finding = get_object_or_404(rows, number=int(found[1]))
    return finding
