"""The ledger of a run as a table for a spreadsheet: every connection that was made."""

import csv
import datetime as dt
import io
from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from common.spreadsheet import harmless
from exposure.models import ProbeRecord, Run
from tenants.access import MemberRequest, Right, needs

ROWS_IN_A_FILE = 100_000
COLUMNS = (
    "at (UTC)",
    "vantage",
    "address",
    "port",
    "probe",
    "probe version",
    "connections",
    "bytes out",
    "bytes in",
    "result",
)


@require_safe
@needs(Right.READ)
def ledger(request: MemberRequest, number: int) -> HttpResponse:
    """Send the ledger of one run; `part` 2 is the second 100 000 rows, and so on."""
    run = get_object_or_404(Run.objects.all(), number=number)
    part = _part(request.GET.get("part", ""))
    records = ProbeRecord.objects.filter(run=run)
    first = (part - 1) * ROWS_IN_A_FILE
    rows = records.order_by("at", "id").values_list(
        "at",
        "vantage__name",
        "address",
        "port",
        "probe",
        "probe_version",
        "connections",
        "bytes_out",
        "bytes_in",
        "result",
    )[first : first + ROWS_IN_A_FILE]
    total = records.count()
    response = HttpResponse(
        as_csv(rows, note=_note(first, total)), content_type="text/csv; charset=utf-8"
    )
    name = f"{request.workspace.slug}-run-{run.number}-ledger-{part}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def as_csv(rows: Iterable[tuple[object, ...]], *, note: str) -> str:
    """Return rows below their heading; the last line says what is in other parts."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([cell(value) for value in row])
    if note:
        writer.writerow([note])
    return text.getvalue()


def cell(value: object) -> object:
    """Return a value as the table shows it."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    return harmless(value)


def _part(text: str) -> int:
    small = text.isascii() and text.isdigit() and len(text) < 5
    return max(1, int(text)) if small else 1


def _note(first: int, total: int) -> str:
    if first + ROWS_IN_A_FILE >= total:
        return ""
    part = first // ROWS_IN_A_FILE + 2
    return f"{total} rows in all; the next ones are in ?part={part}"
