"""Finds and locks a case with its finding and decision, always in this order."""

import re
from typing import Any, TypeAlias

from django.db.models import F, Prefetch

from exposure.models import Finding
from workflows.logic.lifecycle import LIVE
from workflows.models import Case, Decision, Signature

# The stubs know three type parameters, the class itself none.
AnswersPrefetch: TypeAlias = "Prefetch[str, Any, Any]"
REF = re.compile(r"SL-([1-9][0-9]{0,8})")


def lock_case(finding_ref: str) -> Case:
    """Return the case of a finding such as "SL-12", locked; or raise Case.DoesNotExist."""
    found = REF.fullmatch(finding_ref)
    if found is None:
        raise Case.DoesNotExist(f"There is no finding {finding_ref[:20]!r}.")
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("finding")
        .get(finding__number=int(found[1]))
    )


def lock_decision(decision: Decision) -> Decision:
    """Return the decision as it is now, locked after its case, with case and finding.

    Two answers at the same time come one after the other: the second one sees what
    the first one did.
    """
    case = Case.objects.select_for_update().get(pk=decision.case_id)
    case.finding = lock_finding(case)
    row = Decision.objects.select_for_update().get(pk=decision.pk)
    row.case = case
    return row


def lock_finding(case: Case) -> Finding:
    """Return the finding as it is now; nobody changes it until the transaction ends."""
    return Finding.objects.select_for_update().get(pk=case.finding_id)


def live_decision(case: Case) -> Decision | None:
    """Return the decision that is open or in force, if there is one."""
    return Decision.objects.filter(case=case, state__in=LIVE).first()


def latest_decision(case: Case) -> Decision | None:
    """Return the decision with the highest version, whatever became of it."""
    return Decision.objects.filter(case=case).order_by("-version").first()


def with_answers(prefix: str = "decisions") -> AnswersPrefetch:
    """Return what prefetches the decisions of cases, newest first, with signatures.

    Each decision has `plan_number`, that of the plan it was sent from, or None.
    """
    signatures = Signature.objects.defer("payload").order_by("signed_at")
    decisions = (
        Decision.objects.select_related("proposer")
        .annotate(plan_number=F("plan__number"))
        .prefetch_related(Prefetch("signatures", queryset=signatures))
        .order_by("-version")
    )
    return Prefetch(prefix, queryset=decisions)
