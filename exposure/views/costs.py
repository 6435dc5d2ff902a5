"""Pages: what each change costs here, by the table and by the plant itself."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from common.doing import attempt
from common.htmx import render_page, wants_piece
from exposure.forms.costs import CostForm
from exposure.logic.paths.plans.items import Candidate
from exposure.models import ChangeCost
from exposure.services import change_costs as service
from exposure.services.change_offers import Offer, offers, windows_of
from exposure.views.cost_rows import (
    KINDS,
    VIEWS,
    Asked,
    CostRow,
    Names,
    cost_row,
    counts_of,
    token_of,
)
from exposure.views.links import link
from exposure.views.submitting import REFUSED, submit
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

ON_A_PAGE = 50
LIST = "exposure/costs/list.html"
ONE, ROW, FORM_ROW = (
    f"exposure/costs/{name}.html" for name in ("detail", "_row", "_form_row")
)


@require_safe
@needs(Right.READ)
def costs(request: MemberRequest) -> HttpResponse:
    """Show every change that could be made, with what it costs."""
    asked, known, said = Asked.of(request.GET), offers(), _said()
    changes = (row.change for row in known.values())
    fitting = [row for row in changes if asked.fits(row, said.get(row.id))]
    page = Paginator(fitting, ON_A_PAGE).get_page(request.GET.get("page"))
    names = Names(known)
    counts = counts_of(len(known), [row for key, row in said.items() if key in known])
    context = {
        "page": page,
        "rows": [_row(request, row, said.get(row.id), names) for row in page],
        "views": [
            (label, counts[view], asked.query(view=view), view == asked.view)
            for view, label in VIEWS.items()
        ],
        "kinds": [(kind.value, label) for kind, label in KINDS.items()],
        "asked": asked,
        "here": link(request, "exposure:costs"),
        "clear_url": asked.query(kind="", q=""),
        "plans_url": link(request, "exposure:plans"),
        "may_say": may(request.membership, Right.COST),
        "gone": [row for key, row in said.items() if key not in known],
        "any": bool(known),
    }
    return render_page(request, LIST, context, piece="exposure/costs/_table.html")


@require_safe
@needs(Right.READ)
def cost(request: MemberRequest, change: str) -> HttpResponse:
    """Show one change with a form; `as=row` in the query leaves the form out."""
    offer = _offer_or_404(change)
    return _one(request, offer, is_row=request.GET.get("as") == "row")


@require_POST
@needs(Right.COST)
def say_cost(request: MemberRequest, change: str) -> HttpResponse:
    """Say what a change costs here."""
    offer = _offer_or_404(change)
    form = CostForm(request.POST, windows=windows_of(offer), prefix=token_of(change))
    done = submit(
        form,
        lambda _: service.say_cost(change, form.text(), by=request.membership),
    )
    if not done:
        return _one(request, offer, form=form)
    return _done(request, offer, "What it costs here is noted.")


@require_POST
@needs(Right.COST)
def reset_cost(request: MemberRequest, change: str) -> HttpResponse:
    """Take back what was said of a change."""
    known = offers().get(change)
    attempt(
        request,
        lambda: service.reset_cost(change, by=request.membership),
        "" if known and wants_piece(request) else "It costs what the table says again.",
    )
    if known is None:
        return HttpResponseRedirect(link(request, "exposure:costs"))
    return _done(request, known, "")


def _done(request: MemberRequest, offer: Offer, words: str) -> HttpResponse:
    if wants_piece(request):
        return _one(request, offer, is_row=True)
    if words:
        messages.success(request, words)
    return HttpResponseRedirect(link(request, "exposure:costs"))


def _one(
    request: MemberRequest,
    offer: Offer,
    *,
    form: CostForm | None = None,
    is_row: bool = False,
) -> HttpResponse:
    known, said = offers(), _said().get(offer.change.id)
    names = Names(known)
    may_say = may(request.membership, Right.COST)
    if may_say and form is None:
        form = _empty_form(offer, said, names)
    if form and wants_piece(request):  # the form took the place of what had the focus
        form.fields["hours"].widget.attrs["autofocus"] = True
    context = {
        "row": _row(request, offer.change, said, names),
        "form": form if may_say else None,
        "may_say": may_say,
        "has_focus": True,
        "costs_url": link(request, "exposure:costs"),
        **_addresses(request, offer.change.id),
    }
    return render_page(
        request,
        ONE,
        context,
        piece=ROW if is_row or not may_say else FORM_ROW,
        status=REFUSED if form and form.is_bound and form.errors else 200,
    )


def _empty_form(offer: Offer, said: ChangeCost | None, names: Names) -> CostForm:
    filled = (
        CostForm.filled(said, lines=names.lines, labels=names.labels) if said else {}
    )
    return CostForm(
        initial=filled, windows=windows_of(offer), prefix=token_of(offer.change.id)
    )


def _addresses(request: MemberRequest, change: str) -> dict[str, str]:
    return {
        "say_url": link(request, "exposure:say-cost", change=change),
        "reset_url": link(request, "exposure:reset-cost", change=change),
    }


def _row(
    request: MemberRequest, change: Candidate, said: ChangeCost | None, names: Names
) -> CostRow:
    url = link(request, "exposure:cost", change=change.id)
    return cost_row(change, said, names=names, url=url)


def _said() -> dict[str, ChangeCost]:
    rows = ChangeCost.objects.select_related("said_by").order_by("label", "change")
    return {row.change: row for row in rows}


def _offer_or_404(change: str) -> Offer:
    known = offers()
    if change not in known:
        raise Http404
    return known[change]
