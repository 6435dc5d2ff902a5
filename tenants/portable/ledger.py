"""Writes a ledger into an archive, so that anybody can verify it without us."""

import base64
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from tenants.logic.ledger import verifier
from tenants.models import Checkpoint, LedgerDetail, LedgerHead
from tenants.services.checkpoints import public_key
from tenants.services.ledger import stretch

BATCH = 1000
README = """The ledger of a workspace. Verify it on any machine with Python 3.9 or newer:

    python3 verify_ledger.py THIS_FOLDER_OR_ZIP --key KEY

KEY is the public key as you know it from somewhere else: the ledger page, or an earlier
mail. Without it the verifier takes the key in key.txt and says so. Give it checkpoints
that you kept with --checkpoint FILE. docs/ledger.md describes every byte.
"""
# Yields the signatures that decisions carry: (payload hash, payload).
Signatures = Callable[[], Iterator[tuple[str, bytes]]]


def write_ledger(
    archive: zipfile.ZipFile, *, folder: str, signatures: Signatures
) -> int:
    """Write entries, details, checkpoints and signatures; return how many entries.

    Call it inside the scope of the workspace. What is appended meanwhile is left out.
    """
    head = LedgerHead.objects.first()
    size = head.size if head else 0
    noted = _write_details(archive, folder, size)
    count = _lines(archive, f"{folder}entries.jsonl", _entries(size))
    signed = Checkpoint.objects.filter(size__lte=size).order_by("size")
    notes = signed.values_list("note", flat=True)
    _lines(archive, f"{folder}checkpoints.jsonl", (_json({"note": n}) for n in notes))
    _lines(
        archive,
        f"{folder}signatures.jsonl",
        (
            _json({"seq": noted[name], "payload": base64.b64encode(raw).decode()})
            for name, raw in signatures()
            if name in noted
        ),
    )
    key = public_key()
    archive.writestr(f"{folder}key.txt", key.text() if key else "")
    archive.writestr(f"{folder}verify_ledger.py", verifier())
    archive.writestr(f"{folder}README.txt", README)
    return count


def _entries(size: int) -> Iterator[bytes]:
    for rows in _batches(size, "line"):
        yield from (bytes(line) for _, line in rows)


def _write_details(archive: zipfile.ZipFile, folder: str, size: int) -> dict[str, int]:
    """Write the details; return the entry of each signature by its payload's hash."""
    noted: dict[str, int] = {}

    def told() -> Iterator[bytes]:
        for rows in _batches(size, "pk"):
            details = LedgerDetail.objects.in_bulk([pk for _, pk in rows])
            for seq, pk in rows:
                if pk in details:
                    yield _json(_detail(seq, details[pk], noted))

    _lines(archive, f"{folder}details.jsonl", told())
    return noted


def _batches(size: int, field: str) -> Iterator[list[tuple[int, Any]]]:
    """Yield number and one field of the entries up to `size`; memory stays flat."""
    last = 0
    while rows := list(stretch(last, size).values_list("seq", field)[:BATCH]):
        last = rows[-1][0]
        yield rows


def _detail(seq: int, row: LedgerDetail, noted: dict[str, int]) -> dict[str, Any]:
    text = bytes(row.body).decode()
    values = json.loads(text)
    if payload_hash := (values["after"] or {}).get("payload_hash"):
        noted[payload_hash] = seq
    return {
        "seq": seq,
        "salt": bytes(row.salt).hex(),
        "detail": text,
        "before": part(text, "before"),
        "after": part(text, "after"),
    }


def part(text: str, name: str) -> str | None:
    """Return the exact text of one value of a canonical object; None for null."""
    decoder = json.JSONDecoder()
    start = _start(text, name, decoder)
    value, end = decoder.raw_decode(text, start)
    return None if value is None else text[start:end]


def _start(text: str, name: str, decoder: json.JSONDecoder) -> int:
    """Walk over the members of a canonical object to where a value begins."""
    at = 1
    while True:
        key, at = decoder.raw_decode(text, at)
        if key == name:
            return at + 1
        _, at = decoder.raw_decode(text, at + 1)
        at += 1


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _lines(archive: zipfile.ZipFile, name: str, lines: Iterator[bytes]) -> int:
    count = 0
    with archive.open(name, "w", force_zip64=True) as stream:
        for line in lines:
            stream.write(line + b"\n")
            count += 1
    return count
