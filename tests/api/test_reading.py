"""What a program reads, and what it never gets to read."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from common.canonical import canonical_sha256
from exposure.models import Asset, Evidence, Finding
from exposure.services.evidence import evidence_hash
from tenants.models import User
from tenants.models.owned import WorkspaceOwned
from tenants.scope import workspace_scope
from tests import factories
from tests.api.conftest import MakeKey, Program
from tests.isolation.conftest import SECRET_NAME, Place
from tests.workflows.conftest import answer
from workflows.models import Decision

LISTS = [
    "sites/",
    "zones/",
    "lines/",
    "assets/",
    "services/",
    "exposures/",
    "exposures/SL-1/evidence/",
    "runs/",
    "schedules/",
    "drift/",
    "paths/lines/",
    "cases/",
    "decisions/",
    "ledger/",
]
SINGLE = [
    "key/",
    "exposures/SL-1/",
    "runs/1/",
    "paths/",
    "cases/SL-1/",
    "ledger/checkpoint/",
]
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")


def test_a_list_has_what_is_there_after_few_questions(
    program: Program, signed: None, django_assert_max_num_queries: Any
) -> None:
    for path in LISTS:
        with django_assert_max_num_queries(15):
            answered = program.get(path)

        assert answered.status_code == 200, answered.content
        assert answered.json()["items"], path
        assert answered.json()["next"] is None


def test_an_exposure_comes_with_its_state_grade_evidence_and_hash(
    program: Program, place: Place
) -> None:
    shown = program.get("exposures/SL-1/").json()

    with workspace_scope(place.northmill.id):
        row, item = Finding.objects.get(), Evidence.objects.get()
    assert (shown["ref"], shown["state"], shown["grade"]) == ("SL-1", "open", "E4")
    assert shown["asset"]["name"] == SECRET_NAME
    assert shown["evidence_hash"] == row.evidence_hash
    assert shown["evidence_count"] == 1
    assert shown["evidence"][0]["sha256"] == item.sha256
    assert "exchanges" not in shown["evidence"][0]


def test_evidence_says_all_that_its_hash_is_over(
    program: Program, place: Place
) -> None:
    whole = program.get("exposures/SL-1/").json()
    [told] = program.get("exposures/SL-1/evidence/").json()["items"]

    rebuilt = canonical_sha256(
        {
            "finding": whole["id"],
            "check": f"{told['check']}/{told['check_version']}",
            "at": dt.datetime.fromisoformat(told["at"]).isoformat(),
            **{
                name: told[name]
                for name in (
                    "kind",
                    "holds",
                    "grade",
                    "title",
                    "text",
                    "vantage",
                    "exchanges",
                )
            },
        }
    )
    with workspace_scope(place.northmill.id):
        assert rebuilt == evidence_hash(Evidence.objects.get())


def test_a_case_comes_with_its_decision_and_who_signed(
    program: Program, place: Place
) -> None:
    with workspace_scope(place.northmill.id):
        answer(Decision.objects.get(), place.ida)

    case = program.get("cases/SL-1/").json()

    assert (case["ref"], case["slots"]) == ("SL-1", ["it", "ot"])
    [decision] = case["decisions"]
    assert (decision["version"], decision["state"]) == (1, "partly_answered")
    [signature] = decision["signatures"]
    assert (signature["slot"], signature["answer"]) == ("it", "sign")
    assert (signature["name"], signature["side"]) == ("Ida Larsen", "it")
    assert program.get("decisions/").json()["items"] == [decision]


def test_a_line_comes_with_its_exposure_and_the_best_way(program: Program) -> None:
    [line] = program.get("paths/lines/").json()["items"]
    whole = program.get("paths/").json()

    assert 0 <= line["low"] <= line["reach"] <= line["high"] <= 1
    assert line["exposure"] == pytest.approx(line["points"] * line["reach"])
    assert whole["exposure"] == pytest.approx(line["exposure"])
    assert len(whole["plant_hash"]) == len(whole["answer_hash"]) == 64


def test_a_way_through_another_site_is_not_told_to_a_key_of_one_site(
    place: Place, make_key: MakeKey
) -> None:
    with workspace_scope(place.northmill.id):
        home = Asset.objects.get().site
        Asset.objects.update(site=factories.make_site("Elsewhere"))
    limited = make_key(place.ana, site_ids=[home.pk])

    [line] = limited.get("paths/lines/").json()["items"]

    assert line["reach"] is not None
    hops = line["best"]["hops"]
    names = {hop[end] for hop in hops for end in ("from_name", "to_name")}
    assert names == {"Internet", "another site", line["line"]["name"]}
    whole = limited.get("paths/").json()
    assert whole["exposure"] == pytest.approx(line["exposure"])


def test_a_run_says_how_far_it_is(program: Program) -> None:
    shown = program.get("runs/1/").json()

    assert (shown["number"], shown["state"]) == (1, "finished")
    assert shown["progress"]["addresses_total"] == 0
    assert shown["authorisation"] == f"Permission of {SECRET_NAME}"


def test_the_ledger_is_told_line_by_line_with_its_checkpoint(
    program: Program, signed: None
) -> None:
    newest = program.get("ledger/", {"action": "tests."}).json()["items"][0]
    point = program.get("ledger/checkpoint/").json()

    line = json.loads(newest["line"])
    assert line["seq"] == newest["seq"]
    assert line["body"]["action"] == newest["action"] == "tests.happened"
    assert (newest["who"], newest["text"]) == ("Ida Larsen", "It did.")
    assert point["note"].splitlines()[1] == str(point["size"])


def test_a_key_says_what_it_is(place: Place, make_key: MakeKey) -> None:
    mine = make_key(place.otto, name="Board")

    told = mine.get("key/").json()

    assert (told["name"], told["made_by"]) == ("Board", "Otto Brandt")
    assert (told["workspace"], told["sites"]) == ("northmill", None)
    assert mine.secret not in str(told)
    assert mine.key.token_hash not in str(told)


def secrets_at_rest(place: Place) -> set[str]:
    """Return what Northmill keeps sealed, hashed or as bytes, as text of every kind."""
    found: set[bytes] = set()
    with workspace_scope(place.northmill.id):
        for model in apps.get_models():
            if not issubclass(model, WorkspaceOwned):
                continue
            names = [
                field.name
                for field in model._meta.get_fields()
                if isinstance(field, models.BinaryField)
                and (field.name.startswith("sealed") or "salt" in field.name)
            ]
            for row in model.objects.all() if names else ():
                found |= {bytes(getattr(row, name)) for name in names}
    passwords = set(User.objects.values_list("password", flat=True))
    return {each.hex() for each in found if each} | passwords


def test_no_answer_holds_a_secret_or_an_address_of_somebody(
    program: Program, place: Place, signed: None, make_key: MakeKey
) -> None:
    """P5: secrets in API answers. Only the ledger names mail addresses."""
    other = make_key(place.otto, name="Another")
    hidden = secrets_at_rest(place)
    assert len(hidden) > 5

    for path in (*LISTS, *SINGLE):
        said = program.get(path).content.decode()

        assert not [secret for secret in hidden if secret in said], path
        for key in (program, other):
            assert key.secret not in said
            assert key.key.token_hash not in said
        names = set(re.findall(r'"(\w+)":', said))
        assert not {"password", "token", "secret", "payload", "sealed"} & names
        assert path.startswith("ledger/") or EMAIL.search(said) is None, path


def test_a_key_of_one_site_is_not_told_figures_of_all(
    place: Place, make_key: MakeKey
) -> None:
    with workspace_scope(place.northmill.pk):
        home = Asset.objects.get().site
    whole, limited = make_key(place.ana), make_key(place.ana, site_ids=[home.pk])

    [seen] = whole.get("decisions/").json()["items"]
    [told] = limited.get("decisions/").json()["items"]

    assert isinstance(seen["units_before"], float)
    assert (told["units_before"], told["units_after"]) == (None, None)
    assert told["ref"] == seen["ref"]
