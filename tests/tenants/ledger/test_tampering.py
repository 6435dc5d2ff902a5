"""Each kind of tampering is recognised by the program that auditors run, by name."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tenants.logic.ledger import Signer, verifier
from tests.tenants.ledger.made import (
    SIGNER,
    Made,
    entry,
    head_of,
    note_over,
    told,
)

KEY = SIGNER.key.text()
OTHER = Signer(SIGNER.name, b"o" * 32)


def run(export: Path, *words: str) -> tuple[int, str]:
    """Run the verifier as an auditor would: another process, no packages at all."""
    program = export.with_name("verify_ledger.py")
    program.write_text(verifier(), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", "-S", str(program), str(export), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def edited(made: Made) -> None:
    made.lines[3] = entry(4, body={"object": "run 9"})


def deleted(made: Made) -> None:
    del made.lines[3]


def inserted(made: Made) -> None:
    made.lines.insert(3, entry(4, body={"object": "another"}))


def reordered(made: Made) -> None:
    made.lines[3], made.lines[4] = made.lines[4], made.lines[3]


def doubled(made: Made) -> None:
    made.lines.insert(4, made.lines[3])


def cut_off(made: Made) -> None:
    del made.lines[8:], made.details[8:]


def forked(made: Made) -> None:
    made.lines[7] = entry(8, body={"object": "fork"})
    made.notes = [made.notes[0], note_over(made.lines)]


def signed_by_another_key(made: Made) -> None:
    made.notes[1] = note_over(made.lines[:7], signer=OTHER)


def checkpoint_edited(made: Made) -> None:
    made.notes[1] = made.notes[1].replace("\n7\n", "\n6\n")


def from_elsewhere(made: Made) -> None:
    made.lines[3] = entry(4, workspace="0193aaaa-0000-7000-8000-000000000002")


def detail_changed(made: Made) -> None:
    made.details[3]["detail"] = made.details[3]["detail"].replace("Ida", "Eva")


def before_and_after_changed(made: Made) -> None:
    made.details[3]["after"] = '{"seq":4,"state":"refused"}'


def detail_missing(made: Made) -> None:
    del made.details[3]


def signature_changed(made: Made) -> None:
    made.payload = b'{"meaning":"approve_for_it"}'


def written_anew(made: Made) -> None:
    made.lines[3] = json.dumps(json.loads(made.lines[3])).encode()


def numbered_anew(made: Made) -> None:
    del made.lines[3]
    for at in range(3, 8):
        row = json.loads(made.lines[at])
        made.lines[at] = entry(at + 1, body=row["body"])


def no_object(made: Made) -> None:
    made.lines[3] = b'["entry"]'


def a_key_twice(made: Made) -> None:
    made.lines[3] = made.lines[3].replace(b'"seq":4', b'"seq":4,"seq":4')


def true_for_one(made: Made) -> None:
    made.lines[0] = made.lines[0].replace(b'"seq":1', b'"seq":true')
    made.notes = [note_over(made.lines)]


def more_than_an_entry_has(made: Made) -> None:
    made.lines[3] = entry(4, more=1)
    made.notes = [note_over(made.lines)]


def checkpoints_taken_away(made: Made) -> None:
    made.lines[3] = entry(4, body={"object": "run 9"})
    made.notes = []


def old_checkpoint_put_in_again(made: Made) -> None:
    made.notes.append(made.notes[0])


def chain_of_others(made: Made) -> None:
    made.notes[1] = note_over(made.lines[:7], head=b"h" * 32)


def tree_of_others(made: Made) -> None:
    others = [*made.lines[:6], entry(7, body={"object": "fork"})]
    made.notes[1] = note_over(others, head=head_of(made.lines[:7]))


def detail_twice(made: Made) -> None:
    made.details.insert(3, {**made.details[3], "detail": '{"text":"A lie."}'})


def detail_of_nothing(made: Made) -> None:
    made.details.append(told(12))


def signature_gone(made: Made) -> None:
    made.payload = b""


def erased_with(made: Made, after: object) -> None:
    made.lines[8] = entry(9, "audit.erased", told_after=after)
    made.details[8] = told(9, "audit.erased", after)
    made.notes = [note_over(made.lines)]


def erasure_forged(made: Made) -> None:
    erased_with(made, {"seqs": [2]})
    made.details[8]["detail"] = made.details[8]["detail"].replace("[2]", "[3]")
    del made.details[2]


def erasure_of_the_future(made: Made) -> None:
    erased_with(made, {"seqs": [2, 30]})


def erasure_without_a_list(made: Made) -> None:
    erased_with(made, {"seqs": 5})


def erasure_of_nothing(made: Made) -> None:
    erased_with(made, [2])


def erased_but_still_there(made: Made) -> None:
    erased_with(made, {"seqs": [2]})


def erasure_erased(made: Made) -> None:
    erased_with(made, {"seqs": [2]})
    del made.details[8], made.details[1]


KINDS: dict[Callable[[Made], None], str] = {
    edited: "checkpoint 2 of the export: it was signed over other entries",
    deleted: "entry 4 says that it is number 5",
    inserted: "entry 5 says that it is number 4",
    reordered: "entry 4 says that it is number 5",
    doubled: "entry 5 says that it is number 4",
    cut_off: "only 8 are here: the end was cut off",
    forked: "kept.txt: it was signed over other entries",
    signed_by_another_key: "checkpoint 2 of the export: no signature of the key",
    checkpoint_edited: "checkpoint 2 of the export: no signature of the key",
    from_elsewhere: "entry 4 belongs to another workspace",
    detail_changed: "entry 4: its readable part was changed",
    before_and_after_changed: "entry 4: its readable part was changed",
    detail_missing: "entry 4: its readable part is missing",
    signature_changed: "entry 5: the signature it tells of is missing or was changed",
    written_anew: "entry 4 was written anew",
    numbered_anew: "checkpoint 2 of the export: it was signed over other entries",
    no_object: "entry 4 is not an object",
    a_key_twice: "a key stands twice",
    true_for_one: "entry 1 is not in the form of an entry",
    more_than_an_entry_has: "entry 4 is not in the form of an entry",
    checkpoints_taken_away: "kept.txt: it was signed over other entries",
    old_checkpoint_put_in_again: "checkpoint 4 of the export: it is older",
    chain_of_others: "checkpoint 2 of the export: it was signed over other entries",
    tree_of_others: "checkpoint 2 of the export: it was signed over other entries",
    detail_twice: "details.jsonl tells of entry 4, which is not here, or twice",
    detail_of_nothing: "details.jsonl tells of entry 12, which is not here",
    signature_gone: "entry 5: the signature it tells of is missing or was changed",
    erasure_forged: "entry 3: its readable part is missing",
    erasure_of_the_future: "entry 9: it erases what was not there",
    erasure_without_a_list: "entry 9: it erases what was not there",
    erasure_of_nothing: "entry 9: it erases what was not there",
    erased_but_still_there: "entry 2: it is said to be erased, and its readable part",
    erasure_erased: "entry 9: it tells what was erased, and its readable part is missing",
}


def test_a_ledger_that_nobody_touched_holds(tmp_path: Path) -> None:
    made = Made()
    kept = tmp_path / "kept.txt"
    kept.write_text(made.notes[1], encoding="utf-8")

    code, said = run(
        made.write(tmp_path / "e.zip"), "--key", KEY, "--checkpoint", str(kept)
    )

    assert (code, "The ledger holds." in said) == (0, True), said
    assert "9 entries from 2026-11-18" in said
    assert "4 checkpoints" in said


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_names_what_was_done(kind: Callable[[Made], None], tmp_path: Path) -> None:
    made = Made()
    kept = tmp_path / "kept.txt"
    kept.write_text(made.notes[2], encoding="utf-8")
    kind(made)

    code, said = run(
        made.write(tmp_path / "e.zip"), "--key", KEY, "--checkpoint", str(kept)
    )

    assert code == 1
    assert KINDS[kind] in said
    assert "does NOT hold" in said


def test_a_swapped_key_is_seen_by_who_knows_the_right_one(tmp_path: Path) -> None:
    made = Made(key=OTHER.key.text())
    made.notes = [note_over(made.lines, signer=OTHER)]
    export = made.write(tmp_path / "e.zip")

    assert run(export)[0] == 0  # a forger can forge all that is in the export
    assert "Compare it with the one you know" in run(export)[1]
    code, said = run(export, "--key", KEY)
    assert code == 1
    assert "the export carries another key" in said
