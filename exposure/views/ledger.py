"""The probe ledger: what was sent to the plant, as a page and as a file."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.htmx import render_page
from common.spreadsheet import csv_line
from exposure.forms import SentForm
from exposure.models import ProbeBatch, Run
from exposure.services import probe_ledger
from exposure.services.probe_ledger import Asked
from exposure.views.links import link
from tenants.access import MemberRequest, needs
from tenants.rights import Right
from tenants.scope import site_limit, site_scope, workspace_scope

ON_A_PAGE = 50
PORTS_SHOWN = 6
AT_ONCE = 2000  # records that are read, and lines that are sent, together
DAYS = 7
REFUSED = 422
COLUMNS = (
    "at (UTC)",
    "run",
    "vantage",
    "address",
    "port",
    "transport",
    "probe",
    "probe version",
    "connections",
    "bytes out",
    "bytes in",
    "result",
)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of the page; the fields are described in exposure/sent/_batches.html."""

    at: dt.datetime
    run: int | None
    vantage: str
    address: str
    ports: str
    what: str
    result: str
    connections: int
    bytes_out: int
    bytes_in: int


@require_safe
@needs(Right.READ)
def sent(request: MemberRequest) -> HttpResponse:
    """Show what was sent, the newest first; without a question, of the last days."""
    form = SentForm(request.GET or {"since": _days_ago(DAYS)})
    valid = form.is_valid()
    page = _page(form.asked() if valid else None, request.GET.get("page", ""))
    query = {name: value for name, value in form.data.items() if name != "page"}
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "url": link(request, "exposure:sent"),
        "file_url": f"{link(request, 'exposure:sent-file')}?{urlencode(query)}"
        if valid
        else "",
    }
    return render_page(
        request,
        "exposure/sent/list.html",
        context,
        piece="exposure/sent/_batches.html",
        status=200 if valid else REFUSED,
    )


@require_safe
@needs(Right.READ)
def sent_file(request: MemberRequest) -> HttpResponseBase:
    """Send every record that the page's question asks for, as a table."""
    form = SentForm(request.GET)
    if not form.is_valid():
        return HttpResponse(
            "The question makes no sense. Ask it on the page first.",
            status=REFUSED,
            content_type="text/plain; charset=utf-8",
        )
    return _file(request, form.asked(), name="ledger")


@require_safe
@needs(Right.READ)
def ledger(request: MemberRequest, number: int) -> HttpResponseBase:
    """Send every record of one run as a table."""
    run = get_object_or_404(Run.objects.all(), number=number)
    return _file(request, Asked(run=run), name=f"run-{run.number}-ledger")


def _page(asked: Asked | None, number: str) -> Page[Any]:
    rows = ProbeBatch.objects.none() if asked is None else probe_ledger.batches(asked)
    page: Page[Any] = Paginator(rows, ON_A_PAGE).get_page(number)
    page.object_list = [_row(batch) for batch in page.object_list]
    return page


def _row(batch: ProbeBatch) -> BatchRow:
    times = len(batch.ports)
    run: Run | None = getattr(batch, "run", None)
    return BatchRow(
        at=batch.at,
        run=run.number if run else None,
        vantage=batch.vantage.name,
        address=batch.address,
        ports=_ports(batch.ports),
        what=f"{batch.probe} {batch.probe_version} over {batch.get_transport_display()}",
        result=batch.result.replace("_", " "),
        connections=batch.connections * times,
        bytes_out=batch.bytes_out * times,
        bytes_in=batch.bytes_in * times,
    )


def _ports(ports: list[int]) -> str:
    """Return the ports in words, such as "21, 22, 23 and 45 more"."""
    shown = ", ".join(str(port) for port in sorted(ports)[:PORTS_SHOWN])
    more = len(ports) - PORTS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _file(request: MemberRequest, asked: Asked, *, name: str) -> StreamingHttpResponse:
    lines = partial(_lines, request.workspace.pk, site_limit() or frozenset(), asked)
    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    name = f"{request.workspace.slug}-{name}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(
    workspace_id: uuid.UUID, sites: frozenset[uuid.UUID], asked: Asked
) -> Iterator[bytes]:
    """Yield the table in pieces; the request's own scope has ended by then."""
    piece = [csv_line(COLUMNS)]
    with workspace_scope(workspace_id), site_scope(sites):
        rows = probe_ledger.records(asked).values_list(
            "at",
            "run__number",
            "vantage__name",
            "address",
            "port",
            "transport",
            "probe",
            "probe_version",
            "connections",
            "bytes_out",
            "bytes_in",
            "result",
        )
        for at, *rest in rows.iterator(chunk_size=AT_ONCE):
            moment = at.astimezone(dt.UTC).isoformat(timespec="milliseconds")
            piece.append(csv_line([moment, *rest]))
            if len(piece) == AT_ONCE:
                yield b"".join(piece)
                piece = []
    yield b"".join(piece)


def _days_ago(days: int) -> str:
    return (timezone.localdate() - dt.timedelta(days=days)).isoformat()
