"""The probe ledger as a page and as a file for a spreadsheet."""

import csv
import datetime as dt
import io
from typing import Any

import pytest

from exposure.models import Run
from tenants.models import User
from tests import factories
from tests.exposure.views.conftest import Visit
from tests.sent import make_record


def rows(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.getvalue().decode(), newline="")))


def test_it_lists_every_connection_with_its_bytes(
    visit: Visit, ida: User, run: Run
) -> None:
    make_record(run, factories.make_vantage(), 102, 80)

    response = visit(ida, "runs/1/ledger.csv")

    heading, *lines = rows(response)
    assert heading[3:5] == ["address", "port"]
    assert [line[1:] for line in lines] == [
        [
            *("1", "Internet", "127.77.1.14", port, "tcp", "s7", "1", "1", "22", "27"),
            "identified",
        ]
        for port in ("102", "80")
    ]
    assert response["Content-Type"].startswith("text/csv")
    assert "northmill-run-1-ledger.csv" in response["Content-Disposition"]


def test_the_times_of_a_batch_are_those_of_its_records(
    visit: Visit, ida: User, run: Run
) -> None:
    at = dt.datetime(2026, 11, 3, 14, 2, 3, 500_000, tzinfo=dt.UTC)
    make_record(run, factories.make_vantage(), 502, 102, 80, at=at)

    _, *lines = rows(visit(ida, "runs/1/ledger.csv"))

    assert [line[0][17:23] for line in lines] == ["03.500", "03.501", "03.502"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(visit: Visit, ida: User, run: Run, start: str) -> None:
    make_record(run, factories.make_vantage(f"{start}HYPERLINK(1)"), 102)

    _, line = rows(visit(ida, "runs/1/ledger.csv"))

    assert line[2] == f"'{start}HYPERLINK(1)"


def test_another_run_is_not_in_it(visit: Visit, ida: User, run: Run) -> None:
    make_record(factories.make_run(run.authorisation), factories.make_vantage(), 102)

    assert len(rows(visit(ida, "runs/1/ledger.csv"))) == 1


def test_the_page_shows_what_was_sent_and_what_came_of_it(
    visit: Visit, ida: User, run: Run
) -> None:
    make_record(run, factories.make_vantage(), *range(1, 50), probe="connect")

    page = visit(ida, "sent/").content.decode()

    assert "1, 2, 3, 4, 5, 6 and 43 more" in page
    assert "connect 1 over TCP" in page
    assert 'href="/w/northmill/runs/1/"' in page


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("address=127.77.1.14", 2),
        ("address=127.77.1.0/24", 3),
        ("address=127.77.2.0/24", 0),
        ("address=2001:db8::/64", 1),
        ("run=1", 3),
        ("until=2026-11-02", 1),
        ("since=2026-11-03&address=127.77.1.14", 1),
        ("since=2026-11-03&until=2026-11-03", 3),
        ("", 4),
    ],
)
def test_it_answers_what_was_asked_for(
    visit: Visit, ida: User, run: Run, question: str, found: int
) -> None:
    inside = factories.make_vantage("Inside")
    noon = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)
    make_record(run, inside, 502, at=noon)
    make_record(run, inside, 502, at=noon - dt.timedelta(days=1))
    make_record(run, inside, 502, at=noon, address="127.77.1.15")
    make_record(None, inside, 502, at=noon, address="2001:db8::7")

    table = rows(visit(ida, f"sent/ledger.csv?{question}"))
    page = visit(ida, f"sent/?{question or 'since='}")

    assert len(table) - 1 == found
    assert len(page.context["page"].object_list) == found


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("address=0.0.0.0/0/0", "Write an address"),
        ("address=%00", "Null characters are not allowed"),
        ("address=vpn.example", "Write an address"),
        ("run=999", "There is no run 999"),
        ("run=99999999999999999999", "less than or equal"),
        ("since=yesterday", "Enter a valid date"),
        ("until=9999-12-31", "Choose a day of our times"),
        ("since=0001-01-01", "Choose a day of our times"),
    ],
)
def test_a_question_that_makes_no_sense_says_so(
    visit: Visit, ida: User, run: Run, question: str, says: str
) -> None:
    page = visit(ida, f"sent/?{question}")

    assert page.status_code == 422
    assert says in page.content.decode()
    assert visit(ida, f"sent/ledger.csv?{question}").status_code == 422


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999", "%D9%A3"])
def test_a_page_that_makes_no_sense_breaks_nothing(
    visit: Visit, ida: User, run: Run, number: str
) -> None:
    assert visit(ida, f"sent/?since=&page={number}").status_code == 200
