"""Which difference between two answers is one, and which is only time going by."""

from exposure.logic.health import Difference, differences

BEFORE = {
    "product": "M340",
    "serial": "17",
    "uptime": 5,
    "body_sha256": "a",
    "session_id": 1,
    "title": "72 C",
}


def test_clocks_counters_and_sessions_may_move() -> None:
    after = BEFORE | {"uptime": 9, "body_sha256": "b", "session_id": 2}

    assert differences(BEFORE, after) == []


def test_a_probe_names_what_else_moves() -> None:
    after = BEFORE | {"title": "73 C"}

    assert differences(BEFORE, after, moving={"title"}) == []
    assert differences(BEFORE, after) == [Difference("title", "72 C", "73 C")]


def test_what_is_missing_and_what_is_new_are_differences() -> None:
    after = {name: value for name, value in BEFORE.items() if name != "product"}

    found = differences(BEFORE, after | {"fault": True})

    assert [str(each) for each in found] == [
        "product was M340 and is missing",
        "fault was None and is True",
    ]


def test_a_long_value_is_cut_in_words() -> None:
    assert str(Difference("name", "x" * 999, "y")) == f"name was {'x' * 59}… and is y"
