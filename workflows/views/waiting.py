"""What waits for a member: answers, treatments to carry out, exposures to propose for."""

from typing import Any

from django.db.models import Case as When
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models import When as If

from exposure.logic.priority import Band
from exposure.models import Finding, FindingState
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from workflows.models import Decision, DecisionState
from workflows.services.signing import waiting_for

# When to act, then how much of the exposure is reached through it.
ORDER = ("-urgency", "-through", "number")


def to_answer(member: Membership) -> QuerySet[Decision]:
    """Return the proposals that wait for this member's signature."""
    if not may(member, Right.SIGN):
        return Decision.objects.none()
    return waiting_for(member)


def to_carry_out(member: Membership) -> QuerySet[Decision]:
    """Return what was agreed and is now for this member's side to do."""
    if not may(member, Right.CLAIM):
        return Decision.objects.none()
    return Decision.objects.filter(state=DecisionState.APPROVED, case__lead=member.side)


def to_propose(member: Membership) -> QuerySet[Finding]:
    """Return the open findings for which the provider has nothing proposed."""
    if not member.is_provider:
        return Finding.objects.none()
    return without_proposal()


def without_proposal() -> QuerySet[Finding]:
    """Return the open, routed findings about which nothing is proposed or agreed."""
    return Finding.objects.filter(
        state=FindingState.OPEN, in_hand=False, urgency__gt=0
    ).order_by(*ORDER)


def urgency(field: str = "band") -> When:
    """Return an expression to order by: 3 for what must be done now, 0 for not now."""
    ranks = [If(**{field: band.value}, then=Value(band.rank)) for band in Band]
    return When(*ranks, default=Value(0), output_field=IntegerField())


def number_of(rows: QuerySet[Any]) -> Subquery:
    """Return how many rows a workspace has, as a part of a query on workspaces."""
    counted = rows.order_by().values("workspace").annotate(number=Count("pk"))
    return Subquery(counted.filter(workspace=OuterRef("pk")).values("number"))
