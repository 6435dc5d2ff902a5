"""What the auditor's program says of exports that nobody tampered with, and of its limits."""

import ast
import sys
import zipfile
from pathlib import Path

import pytest

from tenants.logic.ledger import verifier
from tests.tenants.ledger.made import Made, entry, told
from tests.tenants.ledger.test_tampering import KEY, deleted, erased_with, run


def test_without_any_checkpoint_nothing_is_proved(tmp_path: Path) -> None:
    made = Made(lines=[entry(seq) for seq in range(1, 10)])
    made.details[4] = told(5)
    made.notes = []

    code, said = run(made.write(tmp_path / "e.zip", signed=False), "--key", KEY)

    assert code == 1
    assert "no checkpoint of this key is here: nothing proves these entries" in said


def test_entries_after_the_last_checkpoint_are_named(tmp_path: Path) -> None:
    made = Made()
    del made.notes[1:]

    code, said = run(made.write(tmp_path / "e.zip"), "--key", KEY)

    assert code == 0, said
    assert "The ledger holds up to entry 3. Entries 4 to 9 came after" in said
    assert "The ledger holds.\n" not in said


def test_one_removed_entry_is_said_once(tmp_path: Path) -> None:
    made = Made()
    deleted(made)
    del made.details[3]

    _, said = run(made.write(tmp_path / "e.zip"), "--key", KEY)

    assert said.count("says that it is number") == 1


def test_a_whole_mail_can_be_given(tmp_path: Path) -> None:
    made = Made()
    kept = tmp_path / "mail.txt"
    mail = f"Northmill\n\nKeep this mail.\n\n{made.notes[1]}\nhttps://x.example/\n"
    kept.write_bytes(mail.replace("\n", "\r\n").encode())

    words = ("--key", KEY, "--checkpoint", str(kept))
    code, said = run(made.write(tmp_path / "e.zip"), *words)

    assert code == 0, said
    assert "4 checkpoints" in said
    kept.write_text("no checkpoint at all", encoding="utf-8")
    assert "not a checkpoint of this ledger" in run(tmp_path / "e.zip", *words)[1]


def test_what_was_erased_and_noted_is_no_tampering(tmp_path: Path) -> None:
    made = Made()
    erased_with(made, {"seqs": [2]})
    del made.details[1]

    code, said = run(made.write(tmp_path / "e.zip"), "--key", KEY)

    assert code == 0, said
    assert "1 details erased" in said


def test_a_folder_is_as_good_as_a_zip(tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(Made().write(tmp_path / "e.zip")) as archive:
        archive.extractall(folder)

    assert run(folder, "--key", KEY)[0] == 0


def test_it_is_one_file_of_python_3_8_that_needs_nothing() -> None:
    tree = ast.parse(verifier(), feature_version=(3, 8))
    taken = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [each.name for each in node.names]
        )
    }

    assert {name.split(".")[0] for name in taken} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"PK\x03\x04", b"\0" * 100],
)
def test_what_is_no_export_is_said_and_not_a_crash(
    rubbish: bytes, tmp_path: Path
) -> None:
    place = tmp_path / "e.zip"
    place.write_bytes(rubbish)

    code, said = run(place)

    assert code == 2
    assert "Cannot be read" in said


def test_a_line_without_an_end_is_not_read_into_memory(tmp_path: Path) -> None:
    made = Made()
    made.lines[3] = b"[" * (17 * 1024 * 1024)

    code, said = run(made.write(tmp_path / "e.zip"))

    assert code == 2
    assert "line 4 of entries.jsonl is too long" in said
