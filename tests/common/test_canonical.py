"""The canonical form of a JSON value."""

import hashlib
import json
import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.canonical import NotCanonical, canonical_bytes, canonical_sha256
from common.errors import Conflict, DomainError, InvalidInput

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**52), 2.0**52)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def test_it_writes_the_example_of_the_standard():
    # RFC 8785, section 3.2.3: keys sort by their UTF-16 code units.
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    keys = list(json.loads(canonical_bytes(value)))

    assert keys == ["\r", "1", "\u0080", "ö", "€", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        # RFC 8785, appendix B.
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (295147905179352830000.0, "295147905179352830000"),
        (1e21, "1e+21"),
        (333333333.3333332, "333333333.3333332"),
        (1e-7, "1e-7"),
    ],
)
def test_it_writes_numbers_as_the_standard_does(number, text):
    assert canonical_bytes(number).decode() == text


@given(value=JSON_VALUES)
def test_it_loses_nothing(value):
    written = canonical_bytes(value)

    assert json.loads(written) == value
    assert canonical_bytes(json.loads(written)) == written


def test_it_does_not_depend_on_the_order_of_keys():
    assert canonical_sha256({"a": 1, "b": 2}) == canonical_sha256({"b": 2, "a": 1})
    assert canonical_sha256({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"data": {"score": float("nan")}}, "At value.data.score, a number is not"),
        ([1.0, float("inf")], "At value[1], a number is not finite"),
        ({"n": 2**53}, "write it as text"),
        ({"n": -(2**53)}, "write it as text"),
        ("\ud800", "not valid Unicode"),
        ({"\udfff": 1}, "not valid Unicode"),
        ({1: "one"}, "a key is not text"),
        ({"at": datetime(2026, 1, 1, tzinfo=UTC)}, "type datetime is not JSON"),
        ({"raw": b"bytes"}, "type bytes is not JSON"),
        ({"set": {1}}, "type set is not JSON"),
    ],
)
def test_it_refuses_what_json_cannot_carry(value, words):
    with pytest.raises(NotCanonical) as refused:
        canonical_bytes(value)

    assert words in str(refused.value)
    assert isinstance(refused.value, DomainError | ValueError)


def test_it_refuses_endless_nesting():
    value: list[object] = []
    for _ in range(5_000):
        value = [value]

    with pytest.raises(NotCanonical, match="nested deeper than 64"):
        canonical_bytes(value)


@pytest.mark.parametrize(
    ("lists", "inside", "fits"),
    [(64, 1, True), (65, 1, False), (65, None, True), (66, None, False)],
)
def test_it_counts_levels_down_to_what_is_inside(lists, inside, fits):
    value = [] if inside is None else [inside]
    for _ in range(lists - 1):
        value = [value]

    if fits:
        assert canonical_bytes(value).count(b"[") == lists
    else:
        with pytest.raises(NotCanonical, match="nested deeper than 64"):
            canonical_bytes(value)


def test_a_list_that_holds_itself_is_refused():
    value: list[object] = [1]
    value += [value, value]

    with pytest.raises(NotCanonical, match="nested deeper than 64"):
        canonical_bytes(value)


def test_its_errors_survive_the_way_between_processes():
    refused = pickle.loads(pickle.dumps(InvalidInput("url", "No address.")))  # noqa: S301 - our own bytes
    stale = pickle.loads(pickle.dumps(Conflict("Changed.", current={"v": 2})))  # noqa: S301 - our own bytes

    assert (refused.field, str(refused)) == ("url", "No address.")
    assert (stale.current, str(stale)) == ({"v": 2}, "Changed.")
