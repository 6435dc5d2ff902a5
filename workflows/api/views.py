"""Cases and decisions, read; a re-test, asked for. Nothing here signs or decides."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from exposure.logic.priority import Band
from exposure.models import FindingState
from tenants.api.endpoints import Doing, Listing, One
from tenants.api.serializers import Filters
from tenants.key_scopes import KeyScope
from tenants.models import Side
from tenants.scope import site_limit
from workflows.models import Answer, Case, Decision, DecisionState, Kind, Signature
from workflows.services import claims
from workflows.services.cases import REF

READ = {"GET": KeyScope.DECISIONS_READ}
BANDS = [band.value for band in Band]
SITE = "finding__asset__site"


class CaseItem(serializers.Serializer[Any]):
    """One exposure on its way: who must answer, why, and until when."""

    id = serializers.UUIDField()
    ref = serializers.CharField(source="finding.ref")
    title = serializers.CharField(source="finding.title")
    state = serializers.ChoiceField(
        choices=FindingState.choices, source="finding.state"
    )
    band = serializers.ChoiceField(choices=BANDS)
    indicated_band = serializers.ChoiceField(choices=BANDS)
    lead = serializers.ChoiceField(choices=Side.choices)
    slots = serializers.ListField(child=serializers.CharField())
    rule = serializers.CharField()
    reason = serializers.CharField()
    routed_at = serializers.DateTimeField()
    decide_by = serializers.DateTimeField()


class CaseFilters(Filters):
    """Which cases."""

    state = serializers.ChoiceField(
        choices=FindingState.choices, required=False, source="finding__state"
    )
    band = serializers.ChoiceField(choices=BANDS, required=False)
    site = serializers.UUIDField(required=False, source=SITE)


class Cases(Listing):
    """List the cases."""

    scopes: ClassVar = READ
    shows = CaseItem
    filters = CaseFilters

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the cases of the key's sites."""
        return Case.objects.select_related("finding")


class SignatureItem(serializers.Serializer[Any]):
    """One side's answer to exactly one version."""

    slot = serializers.CharField()
    answer = serializers.ChoiceField(choices=Answer.choices)
    name = serializers.CharField(source="printed_name")
    role = serializers.CharField()
    side = serializers.ChoiceField(choices=Side.choices)
    comment = serializers.CharField()
    evidence_hash = serializers.CharField()
    decision_hash = serializers.CharField()
    payload_hash = serializers.CharField(help_text="In the ledger too.")
    signed_at = serializers.DateTimeField()


class WholeWorkspace(serializers.FloatField):
    """A figure of the whole workspace: null for a key that reads some of its sites."""

    def to_representation(self, value: Any) -> Any:
        """Return the figure, or none."""
        return None if site_limit() is not None else super().to_representation(value)


class DecisionItem(serializers.Serializer[Any]):
    """One frozen proposal and every answer to it."""

    id = serializers.UUIDField()
    ref = serializers.CharField(source="case.finding.ref")
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    state = serializers.ChoiceField(choices=DecisionState.choices)
    action = serializers.CharField()
    technical_basis = serializers.CharField()
    safety_effect = serializers.CharField()
    downtime_minutes = serializers.IntegerField()
    lost_meanwhile = serializers.CharField()
    undo = serializers.CharField()
    window_start = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    units_before = WholeWorkspace(allow_null=True)
    units_after = WholeWorkspace(allow_null=True)
    proposer = serializers.CharField(source="proposer.name")
    proposed_at = serializers.DateTimeField()
    decision_hash = serializers.CharField()
    evidence_hash = serializers.CharField()
    ended_reason = serializers.CharField()
    signatures = SignatureItem(many=True, source="signatures.all")


class DecisionFilters(Filters):
    """Which decisions."""

    state = serializers.ChoiceField(choices=DecisionState.choices, required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    site = serializers.UUIDField(required=False, source=f"case__{SITE}")


class Decisions(Listing):
    """List the decisions with their signatures, the newest first."""

    scopes: ClassVar = READ
    shows = DecisionItem
    filters = DecisionFilters
    order = "-id"

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the decisions of the key's sites."""
        return with_signatures()


class CaseDetail(CaseItem):
    """One case with its newest decisions."""

    NEWEST: ClassVar[int] = 20

    decisions = serializers.SerializerMethodField()

    @extend_schema_field(DecisionItem(many=True))
    def get_decisions(self, row: Case) -> Any:
        """Return the newest versions first."""
        rows = with_signatures().filter(case=row).order_by("-version")[: self.NEWEST]
        return DecisionItem(rows, many=True).data


class OneCase(One):
    """Return the case of one exposure with its decisions and signatures."""

    scopes: ClassVar = READ
    shows = CaseDetail

    def found(self, **kwargs: Any) -> Case:
        """Return the case of the exposure that people call SL-12."""
        return case_or_404(kwargs["ref"])


class RetestAsked(serializers.Serializer[Any]):
    """The exposure whose re-test is under way."""

    ref = serializers.CharField()
    state = serializers.ChoiceField(choices=FindingState.choices)


class Retest(Doing):
    """Ask for a re-test."""

    scopes: ClassVar = {"POST": KeyScope.RETEST}
    gives = RetestAsked

    def act(self, values: Mapping[str, Any], **kwargs: Any) -> Any:  # noqa: ARG002 - it takes no values
        """Ask for a re-test of an exposure; it alone closes one."""
        case = case_or_404(kwargs["ref"])
        claims.request_retest(case.finding.ref, by=self.bearer.membership)
        case.finding.refresh_from_db(fields=["state"])
        return case.finding


def with_signatures() -> QuerySet[Decision]:
    """Return decisions with what is shown of them; never the signed bytes.

    They hold addresses of people's machines. Their hash is shown, and the bytes are in
    the export of the ledger.
    """
    answers = Signature.objects.defer("payload").order_by("signed_at", "id")
    return (
        Decision.objects.select_related("case__finding", "proposer")
        .defer("decision_bytes", "evidence_bytes")
        .prefetch_related(Prefetch("signatures", answers))
    )


def case_or_404(ref: str) -> Case:
    """Return the case of an exposure, if the key gets at its site."""
    found = REF.fullmatch(ref)
    if found is None:
        raise Http404
    rows = Case.objects.select_related("finding")
    case: Case | None = rows.filter(finding__number=int(found[1])).first()
    if case is None:
        raise Http404
    return case
