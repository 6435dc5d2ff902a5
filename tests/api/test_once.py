"""An act with a name is done once, however often and by whomever it is sent."""

import datetime as dt
import json
import threading

import pytest
from django.db import connections
from django.utils import timezone

from exposure.models import Run, RunState
from tenants.models import ApiAnswer, Role
from tenants.scope import workspace_scope
from tests import factories
from tests.api.conftest import MakeKey, Program
from tests.api.test_acting import START, runs
from tests.isolation.conftest import Place


def test_the_same_request_sent_again_does_nothing_and_answers_the_same(
    program: Program, place: Place
) -> None:
    first = program.post("runs/", START, name="order-1")

    again = program.post("runs/", json.dumps(START, indent=2), name="order-1")

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert runs(place) == 2


def test_a_name_stands_for_one_request(program: Program, place: Place) -> None:
    """Row 39: another body, or another act, under the same name."""
    program.post("exposures/SL-1/retest/", name="n")

    other = [
        program.post("runs/", START, name="n"),
        program.post("runs/1/stop/", name="n"),
    ]

    assert {each.status_code for each in other} == {422}
    assert runs(place) == 1


def test_names_of_keys_and_workspaces_are_their_own(
    program: Program, place: Place, make_key: MakeKey
) -> None:
    """Two tenants, and two keys of one: nobody gets somebody else's answer."""
    program.post("runs/", START, name="n")
    other = make_key(place.people[Role.MANAGER])
    theirs = make_key(place.ana, workspace=place.eastholm)

    mine = other.post("runs/", START, name="n")
    there = theirs.post("/api/v1/w/eastholm/runs/", START, name="n")

    assert mine.status_code == 409  # it was tried, not replayed
    assert there.status_code == 404
    with workspace_scope(place.eastholm.id):
        assert not ApiAnswer.objects.exists()


def test_what_was_refused_can_be_tried_again(program: Program, place: Place) -> None:
    with workspace_scope(place.northmill.id):
        run = factories.make_run(
            Run.objects.get().authorisation, state=RunState.RUNNING
        )
    assert program.post("runs/", START, name="n").status_code == 409
    with workspace_scope(place.northmill.id):
        Run.objects.filter(pk=run.pk).update(state=RunState.FINISHED)

    assert program.post("runs/", START, name="n").status_code == 201


def test_an_answer_is_forgotten_after_a_day(program: Program, place: Place) -> None:
    program.post("runs/", START, name="n")
    with workspace_scope(place.northmill.id):
        day = dt.timedelta(hours=24, seconds=1)
        ApiAnswer.objects.update(created_at=timezone.now() - day)

    again = program.post("runs/", START, name="n")

    assert again.status_code == 409
    with workspace_scope(place.northmill.id):
        assert not ApiAnswer.objects.exists()


def test_a_name_is_short_and_visible(program: Program, place: Place) -> None:
    for name in ("", "x" * 201, "a b", "ä", "a\tb"):
        answer = program.post("runs/", START, name=name)

        assert answer.status_code == 400, name
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert runs(place) == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "dispatch"])
def test_twins_at_the_same_time_do_it_once(place: Place, make_key: MakeKey) -> None:
    """Row 39: in parallel."""
    program, answers = make_key(place.ana), []

    def send() -> None:
        try:
            answers.append(program.post("runs/", START, name="twin"))
        finally:
            connections.close_all()

    twins = [threading.Thread(target=send) for _ in range(4)]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()

    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
    assert runs(place) == 2
