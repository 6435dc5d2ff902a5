"""Products are known by what their web front shows, and strangers are not."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.logic.fingerprints.icons import icon_hash, murmur3
from exposure.logic.fingerprints.match import FINGERPRINTS, ROWS, recognise
from exposure.logic.fingerprints.rows import (
    Front,
    Kind,
    Mark,
    Row,
    marks,
    prepared,
)
from exposure.probes.answer import read_answer
from exposure.probes.front import front_of

FOLDER = Path(__file__).parents[2] / "data" / "fronts"
# Pages written after the public sources that the rows name, cut to what matters.
PRODUCTS = json.loads((FOLDER / "products.json").read_text())
STRANGERS = json.loads((FOLDER / "strangers.json").read_text())
BY_ID = {row.entry.id: row for row in ROWS}


def shown(entry: dict[str, Any]) -> Front:
    """Return the front of a stored page."""
    pages = []
    for path, text in entry["answers"]:
        answer = read_answer(text.encode())
        assert answer is not None
        pages.append((path, answer))
    return front_of(pages, icon=None, certificate=entry.get("certificate", {}))


@pytest.mark.parametrize("entry", PRODUCTS, ids=lambda entry: entry["product"])
def test_it_knows_the_product_by_its_page(entry: dict[str, Any]) -> None:
    facts = recognise(shown(entry))

    row = BY_ID[entry["product"]].entry
    assert facts["fingerprint"] == entry["product"]
    assert (facts["vendor"], facts["product"]) == (row.vendor, row.product)
    assert facts["kind"] == row.kind
    assert facts["remote_access"] is row.kind.is_remote_access
    assert facts["confidence"] == entry["confidence"]
    assert facts.get("version") == entry.get("version")
    assert "deception_suspected" not in facts


@pytest.mark.parametrize("entry", STRANGERS, ids=lambda entry: entry["what"])
def test_it_takes_no_stranger_for_a_product(entry: dict[str, Any]) -> None:
    assert recognise(shown({"answers": [["/", entry["answer"]]]})) == {}


def test_a_dealers_page_is_believed_little() -> None:
    page = "HTTP/1.1 200 OK\r\n\r\n<p>We sell mGuard by Innominate.</p>"

    facts = recognise(shown({"answers": [["/", page]]}))

    assert facts["fingerprint"] == "mguard"
    assert facts["confidence"] == "low"


def test_an_icon_alone_is_believed_little() -> None:
    facts = recognise(Front(icon=945408572))

    assert facts["fingerprint"] == "fortigate-sslvpn"
    assert facts["confidence"] == "low"


def test_a_page_that_looks_like_everything_is_a_decoy() -> None:
    titles = "GlobalProtect Portal, pfSense, Grafana, noVNC, Ignition Gateway"

    facts = recognise(Front(title=titles))

    assert facts["deception_suspected"] is True
    assert facts["confidence"] == "low"
    assert len(facts["also_looks_like"]) == 4  # type: ignore[arg-type]  # a list


def test_there_is_a_page_for_each_row() -> None:
    assert {entry["product"] for entry in PRODUCTS} == set(BY_ID)


def test_it_has_a_row_for_each_product_that_was_asked_for() -> None:
    kinds = [entry.kind for entry in FINGERPRINTS]

    assert len(FINGERPRINTS) >= 50
    assert len({entry.id for entry in FINGERPRINTS}) == len(FINGERPRINTS)
    assert kinds.count(Kind.VPN) >= 15
    assert kinds.count(Kind.VENDOR_ROUTER) >= 15


def test_each_row_says_what_it_is_and_where_that_is_described() -> None:
    for entry in FINGERPRINTS:
        assert entry.vendor, entry.id
        assert entry.product, entry.id
        assert entry.shows, entry.id
        assert entry.source, entry.id


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.entry.id)
def test_each_line_of_a_row_is_enough(row: Row) -> None:
    for line in row.lines:
        front = Front()
        for mark in line:
            front = showing(front, mark)

        facts = recognise(front)

        also = facts.get("also_looks_like", [])
        assert row.entry.id in (facts["fingerprint"], *also)  # type: ignore[misc]  # a list


def showing(front: Front, mark: Mark) -> Front:
    """Return the front with one more mark in its place."""
    if mark.place == "icon":
        return replace(front, icon=int(mark.text))
    if mark.place == "cookie":
        return replace(front, cookies=(*front.cookies, mark.text))
    if mark.place == "path":
        return replace(front, paths=(*front.paths, mark.text))
    before = getattr(front, mark.place)
    return replace(front, **{mark.place: f"{before} {mark.text}"})


@pytest.mark.parametrize("line", ["titel:x", "title:", "title", "title:a & b"])
def test_a_line_that_is_no_mark_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no mark"):
        marks(line)


def test_a_version_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        prepared(replace(FINGERPRINTS[0], version=("cookie:(.)",)))


def test_it_numbers_icons_as_public_tables_do() -> None:
    icon = bytes(range(256)) * 3

    # Base64 with a line feed after each 76 characters, as an encoder of mail writes it.
    assert base64.encodebytes(icon).count(b"\n") == 14
    assert icon_hash(icon) == icon_hash(bytes(icon))
    assert [murmur3(text) for text in (b"", b"a", b"hello", b"hello, world")] == [
        *(0, 0x3C2569B2, 0x248BFA47, 0x149BBB7F)
    ]


def test_a_number_can_be_negative_as_in_the_tables() -> None:
    hashes = {icon_hash(bytes([n])) for n in range(32)}

    assert min(hashes) < 0 < max(hashes)
    assert all(-(2**31) <= each < 2**31 for each in hashes)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=400), st.lists(st.text(max_size=40)))
def test_no_page_breaks_it(title: str, body: str, paths: list[str]) -> None:
    front = Front(title=title, body=body, header=body, server=title, paths=tuple(paths))

    facts = recognise(front)

    json.dumps(facts)
