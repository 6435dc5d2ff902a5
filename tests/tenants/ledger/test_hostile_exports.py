"""An export may be anything: each is answered in words, never with a crash (row 30, 32)."""

import base64
import zipfile
from pathlib import Path

import pytest

from tenants.logic.ledger import Signer
from tests.tenants.ledger.made import PAYLOAD, SIGNER, START, Made, entry, note_over
from tests.tenants.ledger.test_tampering import KEY, run

FOURTH = entry(4)


def rewritten(place: Path, name: str, content: bytes | None) -> Path:
    """Replace a file of a good export, or take it away."""
    with zipfile.ZipFile(Made().write(place)) as archive:
        files = {each: archive.read(each) for each in archive.namelist()}
    files.pop(name)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, raw in files.items():
            archive.writestr(each, raw)
        if content is not None:
            archive.writestr(name, content)
    return place


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\0" * 50,
        b"\xff\xfe{}",
        b'{"a":' * 200_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        '{"a":1}'.encode("utf-16"),
        FOURTH.replace(b'"seq":4', b'"seq":"\\ud800\\u001b[2J"'),
        FOURTH.replace(b'"seq":4', b'"seq":4.0'),
        FOURTH.replace(b'"seq":4', b'"seq":null'),
        FOURTH.replace(b'"seq":4', b'"seq":' + b"9" * 5000),
        FOURTH.replace(str(START + 4).encode(), b"1e999"),
        FOURTH.replace(str(START + 4).encode(), b"NaN"),
        FOURTH.replace(str(START + 4).encode(), b"-1"),
        FOURTH.replace(b'"actor":null', b'"actor":[1]'),
        FOURTH.replace(b'"v":1', b'"v":2'),
        FOURTH.replace(b'"v":1', b'"v":true'),
        b'{"body":"x","seq":4,"workspace":""}',
        b'{"body":null,"seq":4,"workspace":{}}',
    ],
)
def test_an_entry_of_any_form_is_named(line: bytes, tmp_path: Path) -> None:
    made = Made()
    made.lines[3] = line
    made.notes = [note_over(made.lines)]  # even if whoever signs takes part

    code, said = run(made.write(tmp_path / "e.zip"), "--key", KEY)

    assert code == 1, said
    assert "PROBLEM  entry 4 is not " in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("entries.jsonl", None, "entries.jsonl"),
        ("details.jsonl", b'{"seq":[1]}\n', "line 1 of details.jsonl names no entry"),
        ("details.jsonl", b'{"seq":true}', "line 1 of details.jsonl names no entry"),
        ("details.jsonl", b"[1]\n", "line 1 of details.jsonl is not an object"),
        ("details.jsonl", b"{}\n" * 30_000_000, "unpacks to far more than a ledger"),
        ("checkpoints.jsonl", b"\0", "line 1 of checkpoints.jsonl is not JSON"),
        ("signatures.jsonl", b'{"seq":1,"seq":2}', "a key stands twice"),
        ("key.txt", b"\xff\x1b[2J", "the key is not in the form"),
        ("key.txt", None, "key.txt"),
    ],
)
def test_a_broken_file_is_named(
    name: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    code, heard = run(rewritten(tmp_path / "e.zip", name, content), "--key", KEY)

    assert code == 2
    assert said in heard


@pytest.mark.parametrize(
    "row",
    [
        b'{"seq":5}',
        b'{"seq":5,"payload":7}',
        b'{"seq":5,"payload":"!"}',
        b'{"seq":5,"payload":"\\ud800"}',
    ],
)
def test_a_signature_of_any_form_is_named(row: bytes, tmp_path: Path) -> None:
    export = rewritten(tmp_path / "e.zip", "signatures.jsonl", row)

    code, said = run(export, "--key", KEY)

    assert code == 1
    assert "entry 5: the signature it tells of is missing or was changed" in said


@pytest.mark.parametrize(
    ("seq", "said"),
    [
        (3, "entry 3: it tells of no signature, but has one"),
        (5, "entry 5: signatures.jsonl has it twice"),
        (12, "there is a signature of entry 12, which is none or was erased"),
    ],
)
def test_a_signature_too_many_is_named(seq: int, said: str, tmp_path: Path) -> None:
    coded = base64.b64encode(PAYLOAD).decode()
    rows = "".join(f'{{"seq":{each},"payload":"{coded}"}}\n' for each in (5, seq))
    export = rewritten(tmp_path / "e.zip", "signatures.jsonl", rows.encode())

    code, heard = run(export, "--key", KEY)

    assert code == 1
    assert said in heard


def test_a_zip_of_another_packing_is_refused(tmp_path: Path) -> None:
    place = Made().write(tmp_path / "e.zip")
    with zipfile.ZipFile(place, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("more.txt", b"more")

    code, said = run(place)

    assert code == 2
    assert "more.txt is packed in another way" in said


@pytest.mark.parametrize("note", [b"5", b"null", b'"\\ud800"', b'"a\\n\\nb"', b"[]"])
def test_a_checkpoint_of_any_form_is_named(note: bytes, tmp_path: Path) -> None:
    row = b'{"note":' + note + b"}"

    code, said = run(rewritten(tmp_path / "e.zip", "checkpoints.jsonl", row))

    assert code == 1
    assert "checkpoint 1 of the export: it is not a checkpoint of this ledger" in said


def test_a_damaged_zip_is_said(tmp_path: Path) -> None:
    place = Made().write(tmp_path / "e.zip")
    raw = bytearray(place.read_bytes())
    raw[60] ^= 1  # a byte of the entries
    place.write_bytes(raw)

    code, said = run(place)

    assert code == 2
    assert "Bad CRC" in said


def test_an_encrypted_zip_is_said(tmp_path: Path) -> None:
    place = Made().write(tmp_path / "e.zip")
    raw = bytearray(place.read_bytes())
    at = -1
    while (at := raw.find(b"PK\1\2", at + 1)) > 0:
        raw[at + 8] |= 1
    place.write_bytes(raw)

    code, said = run(place)

    assert code == 2
    assert "encrypted" in said


def test_a_zip_that_has_a_file_twice_is_refused(tmp_path: Path) -> None:
    place = Made().write(tmp_path / "e.zip")
    with (
        zipfile.ZipFile(place, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        archive.writestr("entries.jsonl", b"")

    code, said = run(place)

    assert code == 2
    assert "has a file twice" in said


def test_no_word_of_a_forger_reaches_the_terminal(tmp_path: Path) -> None:
    forger = Signer("evil\x1b[2J\u202e/x", b"f" * 32)
    made = Made(key=forger.key.text())

    code, said = run(made.write(tmp_path / "e.zip"), "--key", KEY)

    assert code == 1
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_a_thousand_problems_are_enough(tmp_path: Path) -> None:
    made = Made()
    made.lines = [b"x"] * 5000

    code, said = run(made.write(tmp_path / "e.zip"), "--key", KEY)

    assert code == 1
    assert said.count("PROBLEM") < 1100
    assert "there are more problems; it was stopped here" in said


@pytest.mark.parametrize(
    "kept", [b"", b"\xff" * 100, b"\0", base64.b64encode(b"x" * 5000), b"a\n\nb\n"]
)
def test_a_kept_file_of_any_form_is_named(kept: bytes, tmp_path: Path) -> None:
    path = tmp_path / "kept.bin"
    path.write_bytes(kept)
    export = Made().write(tmp_path / "e.zip")

    code, said = run(export, "--key", SIGNER.key.text(), "--checkpoint", str(path))

    assert code == 1
    assert "kept.bin: it is not a checkpoint of this ledger" in said
