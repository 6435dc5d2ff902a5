"""The ledger of a run as a file for a spreadsheet."""

import csv
import io

import pytest
from django.http import HttpResponse
from django.utils import timezone

from exposure.models import ProbeRecord, Run, Vantage
from exposure.views import ledger
from tenants.models import User
from tests import factories
from tests.exposure.views.conftest import Visit


def record(run: Run, vantage: Vantage, port: int) -> None:
    ProbeRecord.objects.create(
        run=run,
        at=timezone.now(),
        vantage=vantage,
        address="127.77.1.14",
        port=port,
        probe="s7",
        probe_version=1,
        connections=1,
        bytes_out=22,
        bytes_in=27,
        result="identified",
    )


def rows(response: HttpResponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode())))


def test_it_lists_every_connection_with_its_bytes(
    visit: Visit, ida: User, run: Run
) -> None:
    for port in (102, 80):
        record(run, factories.make_vantage(), port)

    response = visit(ida, "runs/1/ledger.csv")

    heading, *lines = rows(response)
    assert heading[2:4] == ["address", "port"]
    assert [line[1:] for line in lines] == [
        ["Internet", "127.77.1.14", port, "s7", "1", "1", "22", "27", "identified"]
        for port in ("102", "80")
    ]
    assert response["Content-Type"].startswith("text/csv")
    assert "northmill-run-1-ledger-1.csv" in response["Content-Disposition"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(visit: Visit, ida: User, run: Run, start: str) -> None:
    vantage = factories.make_vantage(f"{start}HYPERLINK(1)")
    record(run, vantage, 102)

    _, line = rows(visit(ida, "runs/1/ledger.csv"))

    assert line[1] == f"'{start}HYPERLINK(1)"


def test_another_run_is_not_in_it(visit: Visit, ida: User, run: Run) -> None:
    record(factories.make_run(run.authorisation), factories.make_vantage(), 102)

    assert len(rows(visit(ida, "runs/1/ledger.csv"))) == 1


def test_a_long_ledger_comes_in_parts_and_says_so(
    visit: Visit, ida: User, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "ROWS_IN_A_FILE", 2)
    for port in (1, 2, 3):
        record(run, factories.make_vantage(), port)

    first = rows(visit(ida, "runs/1/ledger.csv"))
    second = rows(visit(ida, "runs/1/ledger.csv?part=2"))

    assert first[-1] == ["3 rows in all; the next ones are in ?part=2"]
    assert [line[3] for line in second[1:]] == ["3"]


@pytest.mark.parametrize("part", ["0", "-1", "x", "99999999", "%D9%A3"])
def test_a_part_that_makes_no_sense_breaks_nothing(
    visit: Visit, ida: User, run: Run, part: str
) -> None:
    assert visit(ida, f"runs/1/ledger.csv?part={part}").status_code == 200
