"""Pages: the attack paths, and how their numbers are counted."""

from dataclasses import fields, replace
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from common.htmx import render_page, wants_piece
from exposure.logic.grades import Grade, Threat
from exposure.logic.paths.policy import POINTS
from exposure.logic.paths.rules import RULES
from exposure.logic.paths.snapshot import Access, Basis, Window
from exposure.services import paths as answers
from exposure.services import safety
from exposure.views.being_counted import or_being_counted
from exposure.views.change_rows import order_in, order_rows
from exposure.views.hop_rows import Pages
from exposure.views.links import asset_link, link
from exposure.views.notices import notices
from exposure.views.path_page import empty_page, path_page
from exposure.views.path_rows import ALL, Choice, PathPage
from exposure.views.plan_fixed import planner_link
from exposure.views.safety_rows import safety_part
from tenants.access import MemberRequest, needs
from tenants.rights import Right

LONGEST_ID = 64
THREATS = {
    Threat.NONE: "No attack is known",
    Threat.PUBLIC_POC: "A way to attack is public",
    Threat.ACTIVE: "Attackers use it now",
}
ACCESSES = {
    Access.REUSED: "A password that is the same on many devices",
    Access.PERSONAL: "The sign-in of one person",
    Access.VENDOR: "A vendor's remote access",
    Access.PHISHING: "Mail to an office zone, where the policy counts it",
}
WINDOWS = {
    Window.ALWAYS: "A vendor's access is always on",
    Window.ON_REQUEST: "It is opened on request",
    Window.OVER: "It is past its end, and nothing of it answers",
}


@require_safe
@needs(Right.READ)
@or_being_counted
def paths(request: MemberRequest) -> HttpResponse:
    """Show the ways to production; `line`, `way` and `grade` in the query choose one."""
    choice = _choice(request)
    said = [] if wants_piece(request) else notices()
    page = _page(request, choice) or empty_page(said[0].strong if said else "")
    context = _context(page)
    context["method_url"] = link(request, "exposure:method")
    context["history_url"] = link(request, "exposure:path-history")
    context["what_if_url"] = link(request, "exposure:what-if")
    context["plans_url"] = planner_link(request)
    context["notices"] = said
    context["counted_as"], context["order"] = choice.counted, choice.order
    context["orders"] = order_rows(
        choice.order, query=lambda order: replace(choice, order=order).query()
    )
    context["is_piece"] = wants_piece(request)
    return render_page(
        request,
        "exposure/paths/detail.html",
        context,
        piece="exposure/paths/_chosen.html",
    )


@require_safe
@needs(Right.READ)
def method(request: MemberRequest) -> HttpResponse:
    """Show how the units are counted, with the tables of the policy in force."""
    policy = answers.policy()
    context = {
        "rules": RULES,
        "grades": [(grade.value, policy.grades[grade]) for grade in Grade],
        "threats": [
            (words, policy.threats[threat]) for threat, words in THREATS.items()
        ],
        "bases": [(basis.value, policy.bases[basis]) for basis in Basis],
        "control_factor": policy.control_factor,
        "finding_control_factor": policy.finding_control_factor,
        "accesses": [
            (words, policy.accesses[each]) for each, words in ACCESSES.items()
        ],
        "windows": [(words, policy.windows[each]) for each, words in WINDOWS.items()],
        "mfa_factor": policy.mfa_factor,
        "points": POINTS.items(),
        "policy": policy,
        "paths_url": link(request, "exposure:paths"),
    }
    return render_page(request, "exposure/paths/method.html", context)


def _choice(request: MemberRequest) -> Choice:
    way = request.GET.get("way", "")
    return Choice(
        line_id=request.GET.get("line", "")[:LONGEST_ID],
        number=int(way) if len(way) == 1 and way in "0123456789" else 0,
        counted=counted_in(request),
        order=order_in(request.GET.get("order", "")),
        all_ways=request.GET.get("ways") == ALL,
    )


def counted_in(request: MemberRequest) -> str:
    """Return how the reader asked to count, from the query; "" as the policy has it."""
    counted = request.GET.get("grade", "")
    return counted if counted in answers.SCORED else ""


def counted_query(counted: str) -> str:
    """Return the query string that counts in the same way on another page."""
    return Choice(counted=counted).query() if counted else ""


def _page(request: MemberRequest, choice: Choice) -> PathPage | None:
    answer = answers.latest(choice.counted)
    if answer is None:
        return None
    page = path_page(
        answer,
        choice,
        pages=pages_of(request, choice.counted),
        ending_url=lambda key: (
            link(request, "exposure:ending", line=key) + counted_query(choice.counted)
        ),
    )
    shown = safety_part(
        answer, safety.systems(), asset_url=lambda key: asset_link(request, key)
    )
    return replace(page, safety=shown)


def pages_of(request: MemberRequest, counted: str) -> Pages:
    """Return where things are, as far as they have pages in the reader's workspace."""
    return Pages(
        finding=lambda ref: link(request, "workflows:finding", ref=ref),
        asset=lambda key: asset_link(request, key),
        onward=lambda key: (
            link(request, "exposure:onward", asset=key) + counted_query(counted)
        ),
        credential=lambda key: link(request, "exposure:credential", credential=key),
        vendor=lambda key: link(request, "exposure:vendor-access", vendor_access=key),
        plant=link(request, "exposure:plant"),
    )


def _context(page: PathPage) -> dict[str, Any]:
    return {field.name: getattr(page, field.name) for field in fields(page)}
