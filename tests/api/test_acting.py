"""What a program does: in its maker's name, exactly as described, and once."""

import datetime as dt
import json
from typing import Any

from django.test import Client
from django.utils import timezone

from exposure.models import Finding, FindingState, Run
from tenants.models import ApiKey, LedgerDetail, Role, Visit
from tenants.scope import workspace_scope
from tests import factories
from tests.api.conftest import MakeKey, Program
from tests.isolation.conftest import SECRET_NAME, Place
from workflows.models import Event

START = {"authorisation": f"Permission of {SECRET_NAME}"}


def told(place: Place) -> list[dict[str, Any]]:
    """Return the readable parts of the ledger, oldest first."""
    with workspace_scope(place.northmill.id):
        rows = LedgerDetail.objects.order_by("pk")
        return [json.loads(bytes(row.body)) for row in rows]


def runs(place: Place) -> int:
    with workspace_scope(place.northmill.id):
        return Run.objects.count()


def test_a_run_is_started_in_the_name_of_the_key_and_its_maker(
    program: Program, place: Place
) -> None:
    answer = program.post("runs/", START)

    assert answer.status_code == 201
    made = answer.json()
    assert (made["number"], made["state"]) == (2, "queued")
    assert made["requested_by"] == "Ana Torres"
    assert told(place)[-1]["name"] == "key Tickets of Ana Torres"
    assert told(place)[-1]["text"] == "Asked for run 2, normal profile."


def test_the_ledger_says_that_it_was_a_key(program: Program, place: Place) -> None:
    program.post("exposures/SL-1/retest/")
    with workspace_scope(place.northmill.id):
        factories.commit()
    line = json.loads(
        program.get("ledger/", {"action": "retest."}).json()["items"][0]["line"]
    )

    assert line["body"]["actor_kind"] == "key"
    assert line["body"]["actor"] == str(place.ana.pk)


def test_a_run_is_stopped(program: Program, place: Place) -> None:
    program.post("runs/", START)

    answer = program.post("runs/2/stop/")

    assert (answer.status_code, answer.json()["state"]) == (202, "stopped")
    with workspace_scope(place.northmill.id):
        line = Run.objects.get(number=2).events.get().text
    assert line == "Stop asked for by key Tickets of Ana Torres."


def test_a_retest_is_asked_for_and_closes_nothing(
    program: Program, place: Place
) -> None:
    answer = program.post("exposures/SL-1/retest/")

    assert (answer.status_code, answer.json()) == (
        202,
        {"ref": "SL-1", "state": "verifying"},
    )
    with workspace_scope(place.northmill.id):
        assert Finding.objects.get().state == FindingState.VERIFYING
        event = Event.objects.get(type="retest.requested")
    assert event.text == "key Tickets of Ana Torres asked for a re-test."


def test_what_cannot_be_done_now_is_said(program: Program, place: Place) -> None:
    program.post("runs/", START)

    again = program.post("runs/", START)
    nowhere = program.post("runs/", {"authorisation": "TH-0000"})

    assert (again.status_code, again.json()["title"]) == (409, "Conflict")
    assert "under way already" in again.json()["detail"]
    assert nowhere.status_code == 404
    assert runs(place) == 2


def test_without_an_authorisation_nothing_is_sent(
    program: Program, place: Place
) -> None:
    with workspace_scope(place.northmill.id):
        site = factories.make_site("Unsigned")
        factories.make_authorisation(site, signed_by=None, reference="NEW")

    answer = program.post("runs/", {"authorisation": "NEW"})

    assert answer.status_code == 422
    assert "Nothing was sent." in answer.json()["detail"]
    assert runs(place) == 1


MORE: list[dict[str, Any]] = [
    {"state": "finished"},
    {"requested_by": "x"},
    {"workspace": "eastholm"},
    {"workspace_id": 1},
    {"number": 99},
    {"is_staff": True},
    {"side": "ot"},
    {"tenant": "x"},
    {"packets_per_second": 10**6},
    {"": ""},
    {"__class__": "x"},
]


def test_a_field_that_is_not_described_is_refused_by_name(
    program: Program, place: Place
) -> None:
    """Row 40: mass assignment."""
    for more in MORE:
        answer = program.post("runs/", {**START, **more})

        assert answer.status_code == 400, more
        assert answer.json()["errors"][0]["field"] == next(iter(more))
    assert runs(place) == 1


def test_an_act_without_fields_takes_none(program: Program) -> None:
    for path in ("exposures/SL-1/retest/", "runs/1/stop/"):
        assert program.post(path, {"state": "closed"}).status_code == 400
        assert program.post(path, {"grade": "D"}).status_code == 400
        assert program.ask("post", path).status_code == 415


def test_a_text_is_a_text(program: Program, place: Place) -> None:
    for value in (True, 1, 1.5, None, [], {}, ["TH-2026-04"], "", "x" * 41):
        answer = program.post("runs/", {"authorisation": value})

        assert answer.status_code == 400, value
        assert answer.json()["errors"][0]["field"] == "authorisation"
    assert runs(place) == 1


HOSTILE: list[tuple[str | bytes, int]] = [
    ('{"authorisation":"TH-2026-04","authorisation":"TH-2026-05"}', 400),
    ('{"authorisation":NaN}', 400),
    ('{"authorisation":Infinity}', 400),
    ('{"authorisation":-Infinity}', 400),
    ('{"authorisation":1e999}', 400),
    ('{"authorisation":' + "9" * 5000 + "}", 400),
    ('{"authorisation":"\\u0000"}', 400),
    ('{"authorisation":"\\ud800"}', 400),
    ('{"\\ud800":1}', 400),
    ('{"authorisation":"\ud83d"}'.encode("utf-8", "surrogatepass"), 400),
    (b'{"authorisation":"\xff"}', 400),
    (b"\xef\xbb\xbf{}", 400),
    ('{"authorisation":"TH-2026-04"} x', 400),
    ('{"authorisation":"TH-2026-04",}', 400),
    ("[" * 30_000, 400),
    ('{"a":' * 10_000, 400),
    ("[[[[[[[[[]]]]]]]]]", 400),
    ("[]", 400),
    ('"text"', 400),
    ("1", 400),
    ("null", 400),
    ("<x/>", 400),
    ("'", 400),
    ('{"authorisation":"' + "x" * 70_000 + '"}', 413),
    (" " * 70_000, 413),
]


def test_json_that_can_be_read_in_two_ways_is_refused(
    program: Program, place: Place
) -> None:
    for body, status in HOSTILE:
        answer = program.post("runs/", body)

        assert answer.status_code == status, body[:80]
        assert answer["Content-Type"] == "application/problem+json"
    assert runs(place) == 1


def test_another_kind_of_body_is_refused(program: Program) -> None:
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
    ):
        answer = program.post("runs/", "authorisation=TH-2026-04", kind=kind)

        assert answer.status_code == 415, kind
        assert answer.json()["title"] == "Unsupported Media Type"


def test_a_visit_of_the_provider_by_key_is_seen_by_the_customer(
    place: Place, make_key: MakeKey
) -> None:
    maria = factories.make_user("maria@northgate.example", "Maria Holm")
    factories.make_member(place.northmill, maria, role=Role.MANAGER)
    program = make_key(maria, name="Board")

    program.get("key/")

    with workspace_scope(place.northmill.id):
        assert Visit.objects.filter(user=maria).count() == 1
    assert told(place)[-1]["text"] == "key Board of Maria Holm of Northgate was here."


def test_the_hour_of_the_last_use_is_kept(program: Program, place: Place) -> None:
    program.get("key/")

    with workspace_scope(place.northmill.id):
        used = ApiKey.objects.get(pk=program.key.pk).used_at
    assert used is not None
    assert (used.minute, used.second, used.microsecond) == (0, 0, 0)
    assert abs(timezone.now() - used) <= dt.timedelta(hours=1)


def test_a_browser_with_a_session_and_no_key_does_nothing(place: Place) -> None:
    """Row 24: there is no form to forge, because no cookie counts."""
    browser = factories.signed_in(Client(enforce_csrf_checks=True), place.ana)

    answer = browser.post(
        "/api/v1/w/northmill/runs/", START, content_type="application/json"
    )

    assert answer.status_code == 401
    assert runs(place) == 1


def test_a_program_needs_no_token_of_a_form(program: Program) -> None:
    program.client = Client(enforce_csrf_checks=True)

    assert program.post("runs/", START).status_code == 201


def test_reading_writes_nothing_into_the_ledger(program: Program, place: Place) -> None:
    before = len(told(place))

    for path in ("key/", "exposures/", "runs/1/"):
        program.get(path)

    assert len(told(place)) == before
