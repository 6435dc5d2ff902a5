"""The description of the API says what there is, and the answers keep to it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator, FormatChecker

from tenants.api.schema import description
from tests.api.conftest import Program
from tests.isolation.conftest import Place
from tests.isolation.walking import Address
from tests.isolation.walking_api import ADDRESSES, BODIES, methods_of

PREFIX = "/api/v1/w/{workspace}/"


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """The description, made anew."""
    description.cache_clear()
    reset_generator_stats()
    return description()


def path_of(address: Address) -> str:
    """Return an address as the description writes it."""
    path = "/" + address.route
    for known in ("<slug:workspace>", *address.parameters):
        path = path.replace(known, "{" + known.strip("<>").partition(":")[2] + "}")
    return path


def operations(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in told["paths"].values():
        yield from methods.values()


def test_it_is_made_without_a_warning_and_is_valid(told: dict[str, Any]) -> None:
    assert told["openapi"].startswith("3.1")
    assert not GENERATOR_STATS
    validate_schema(told)


def test_it_holds_every_address_and_no_other(told: dict[str, Any]) -> None:
    wanted = {
        path_of(each): {m for m in methods_of(each) if m != "head"}
        for each in ADDRESSES
    }

    assert {path: set(methods) for path, methods in told["paths"].items()} == wanted


def test_it_names_the_scope_of_every_address(told: dict[str, Any]) -> None:
    for address in ADDRESSES:
        for method, scope in address.view.scopes.items():  # type: ignore[attr-defined]  # of the API
            said = told["paths"][path_of(address)][method.lower()]
            assert said["security"] == [{"key": [scope.value] if scope else []}]
            assert said["summary"].endswith(".")


def test_no_two_operations_have_one_name(told: dict[str, Any]) -> None:
    names = [each["operationId"] for each in operations(told)]

    assert len(names) == len(set(names))


def test_everybody_gets_it_and_it_needs_nobody_elses_server(db: None) -> None:
    answer = Client().get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.json() == description()
    assert "http://" not in answer.content.decode().replace("http://testserver", "")
    assert Client().post("/api/v1/openapi.json").status_code == 405


def fits(told: dict[str, Any], schema: dict[str, Any], body: Any) -> None:
    """Check a value against a schema in which nothing may be that is not named."""
    whole = {"$ref": "#/$defs/asked", "$defs": {"asked": _closed(schema)}}
    for name, part in told["components"]["schemas"].items():
        whole["$defs"][name] = _closed(part)
    text = json.dumps(whole).replace("#/components/schemas/", "#/$defs/")
    checker = Draft202012Validator(json.loads(text), format_checker=FormatChecker())
    assert [error.message for error in checker.iter_errors(body)] == []


def _closed(part: Any) -> Any:
    if isinstance(part, dict):
        closed = {name: _closed(inner) for name, inner in part.items()}
        if "properties" in part:
            closed["additionalProperties"] = False
        return closed
    return [_closed(each) for each in part] if isinstance(part, list) else part


def test_every_answer_keeps_to_it(
    told: dict[str, Any], program: Program, place: Place, signed: None
) -> None:
    for address in ADDRESSES:
        for method in methods_of(address):
            if method == "head":
                continue
            end = address.route.removeprefix("api/v1/w/<slug:workspace>/")
            body = {"content_type": "application/json", "data": BODIES.get(end, {})}
            path = address.at("northmill", place.rows)
            answer = program.ask(method, path, **(body if method == "post" else {}))
            said = told["paths"][path_of(address)][method]["responses"]
            content = said[str(answer.status_code)]["content"]
            fits(told, content["application/json"]["schema"], answer.json())


def test_every_error_keeps_to_it(
    told: dict[str, Any], program: Program, place: Place
) -> None:
    schema = {"$ref": "#/components/schemas/Problem"}
    errors = [
        program.get("exposures/", {"x": "y"}),
        program.get("exposures/SL-404/"),
        program.get("nothing/"),
        program.ask("put", "key/"),
        program.ask("get", "key/", headers={"accept": "text/html"}),
        program.post("runs/", "{"),
        program.post("runs/", "x", kind="text/plain"),
        program.post("runs/", "x" * 70_000),
        Client().get("/api/v1/w/northmill/key/"),
        program.ask("get", "key/", headers={"host": "evil.example"}),
    ]

    assert [each.status_code for each in errors] == [
        *(400, 404, 404, 405, 406, 400, 415, 413, 401, 400)
    ]
    for each in errors:
        assert each["Content-Type"] == "application/problem+json"
        assert each.json()["status"] == each.status_code
        fits(told, schema, each.json())


def test_a_fault_of_ours_is_a_problem_that_tells_nothing(
    told: dict[str, Any], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("inner detail")

    monkeypatch.setattr("exposure.api.plant.Sites.rows", fail)
    program.client.raise_request_exception = False

    answer = program.get("sites/")

    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert "inner detail" not in answer.content.decode()
    fits(told, {"$ref": "#/components/schemas/Problem"}, answer.json())


def test_the_page_for_people_names_every_scope_and_address() -> None:
    page = (project.ROOT / "docs" / "api.md").read_text(encoding="utf-8")

    for address in ADDRESSES:
        short = path_of(address).removeprefix(PREFIX)
        assert f"`{short}`" in page, short
    assert "--header 'Idempotency-Key:" in page
