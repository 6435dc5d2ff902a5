"""Webhook calls received, verified and shown."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from letterbox.box import Box
from letterbox.hooks import list_calls, read_call, store_call
from tests.letterbox.conftest import SECRET
from workflows.logic.webhook_signature import sign

BODY = b'{"type":"webhook.test"}'


def headers(*, at=None, secret=SECRET):
    at = at or datetime.now(UTC)
    return sign(BODY, message_id="msg_1", at=at, secrets=[secret])


def newest(visitor):
    return visitor.get("/api/hooks").json["hooks"][0]


def test_it_believes_a_call_that_is_signed(visitor):
    answer = visitor.ask("POST", "/hooks/demo", body=BODY, headers=headers())

    call = newest(visitor)
    assert answer.status == 200
    assert answer.json == {"stored": call["id"]}
    assert (call["fits"], call["verdict"]) == (True, "The signature fits.")
    assert (call["name"], call["body"]) == ("demo", BODY.decode())
    assert call["headers"]["webhook-id"] == "msg_1"
    assert "The signature fits." in visitor.get("/hooks").text
    assert "webhook.test" in visitor.get(f"/hooks/{call['id']}").text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (dict, "no complete webhook signature"),
        (lambda: headers(at=datetime.now(UTC) - timedelta(hours=1)), "too old"),
        (lambda: headers(secret="whsec_" + "b" * 32), "No signature"),
        (lambda: headers() | {"webhook-id": "msg_2"}, "No signature"),
    ],
)
def test_it_keeps_a_call_it_does_not_believe_and_says_why(visitor, given, words):
    visitor.ask("POST", "/hooks/demo", body=BODY, headers=given())

    call = newest(visitor)
    assert call["fits"] is False
    assert words in call["verdict"]


def test_it_says_when_it_has_no_secret_to_verify_with(tmp_path):
    box = Box(tmp_path, suffix=".json")

    store_call(box, "demo", headers=[], body=b"\xff\0", secret="")

    call = list_calls(box)[0]
    assert call.fits is None
    assert call.verdict == "Not verified: no secret is set."
    assert call.body == "\ufffd\ufffd"


def test_it_escapes_what_a_call_brings(visitor):
    attack = b"<script>alert(1)</script>"

    visitor.ask("POST", "/hooks/demo", body=attack, headers={"webhook-id": "<b>x</b>"})

    for path in ("/hooks", f"/hooks/{newest(visitor)['id']}"):
        page = visitor.get(path).text
        assert "<script" not in page
        assert "<b>x" not in page


@pytest.mark.parametrize(
    "path",
    ["/hooks/", "/hooks/..", "/hooks/A", "/hooks/a/b", "/hooks/" + "a" * 41, "/", "/x"],
)
def test_it_takes_calls_at_plain_names_only(visitor, path):
    assert visitor.ask("POST", path, body=BODY).status == 404
    assert visitor.get("/api/hooks").json == {"hooks": []}


@pytest.mark.parametrize(
    ("length", "status"),
    [("65537", 413), ("9" * 30, 413), ("-1", 411), ("1e3", 411), ("", 411)],
)
def test_it_takes_small_calls_of_known_length_only(visitor, length, status):
    answer = visitor.ask("POST", "/hooks/demo", headers={"Content-Length": length})

    assert answer.status == status


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"{}", json.dumps({"body": "*", "name": 1}).encode()]
)
def test_it_passes_over_a_damaged_file(tmp_path, raw):
    box = Box(tmp_path, suffix=".json")
    stored = box.add(raw)

    assert read_call(box, stored) is None
    assert list_calls(box) == []
