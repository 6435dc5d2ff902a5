"""Makes an export by hand, so that tests can tamper with every byte of it."""

import base64
import hashlib
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.canonical import canonical_bytes
from tenants.logic.ledger import Signer, checkpoint_text, origin_of, verifier
from tenants.logic.proofs import Tree, chain

WORKSPACE = "0193aaaa-0000-7000-8000-000000000001"
START = 1_795_000_000_000_000
SALT = b"s" * 16
SIGNER = Signer(origin_of("sightline.example", WORKSPACE), b"k" * 32)
PAYLOAD = b'{"meaning":"approve_for_ot"}'


def entry(seq: int, action: str = "run.asked", **values: Any) -> bytes:
    """Return the bytes of one entry; `detail` is what `told` of the same number says."""
    row = told(seq, action, values.pop("told_after", None))
    body = {
        "action": action,
        "actor": None,
        "actor_kind": "system",
        "after": hashed(row["after"]),
        "at_us": START + seq,
        "before": None,
        "detail": hashed(row["detail"]),
        "object": f"run {seq}",
        "on_behalf_of": None,
        "request": "",
        "site": None,
        "v": 1,
        **values.pop("body", {}),
    }
    return canonical_bytes({"body": body, "seq": seq, "workspace": WORKSPACE, **values})


def told(seq: int, action: str = "run.asked", after: object = None) -> dict[str, Any]:
    """Return the readable part of an entry."""
    if action == "decision.signed":
        after = {"payload_hash": hashlib.sha256(PAYLOAD).hexdigest()}
    after = after or {"state": "asked", "seq": seq}
    detail = {
        "after": after,
        "before": None,
        "ip": "192.0.2.7",
        "name": "Ida Larsen",
        "on_behalf_of": "",
        "text": f"Entry {seq}.",
    }
    return {
        "seq": seq,
        "salt": SALT.hex(),
        "detail": canonical_bytes(detail).decode(),
        "before": None,
        "after": canonical_bytes(after).decode(),
    }


def hashed(text: str | None) -> str | None:
    """Return a commitment."""
    return None if text is None else hashlib.sha256(SALT + text.encode()).hexdigest()


def head_of(lines: list[bytes]) -> bytes:
    """Return the chain's newest hash."""
    head = b""
    for line in lines:
        head = chain(head, line)
    return head


def note_over(
    lines: list[bytes], *, signer: Signer = SIGNER, head: bytes | None = None
) -> str:
    """Return a signed checkpoint over some entries; with `head`, it states that one."""
    tree = Tree()
    for line in lines:
        tree.add(line)
    head = head_of(lines) if head is None else head
    text = checkpoint_text(signer.name, tree=tree, head=head, at_us=START + 99)
    return signer.sign(text)


@dataclass
class Made:
    """An export of nine entries, one of them a signature, and three checkpoints."""

    lines: list[bytes] = field(
        default_factory=lambda: [
            entry(seq, "decision.signed" if seq == 5 else "run.asked")
            for seq in range(1, 10)
        ]
    )
    details: list[dict[str, Any]] = field(
        default_factory=lambda: [
            told(seq, "decision.signed" if seq == 5 else "run.asked")
            for seq in range(1, 10)
        ]
    )
    payload: bytes = PAYLOAD
    notes: list[str] = field(default_factory=list)
    key: str = SIGNER.key.text()

    def __post_init__(self) -> None:
        """Sign after three, seven and nine entries."""
        self.notes = [note_over(self.lines[:size]) for size in (3, 7, 9)]

    def write(self, place: Path, *, signed: bool = True) -> Path:
        """Write it as a zip file; entry five is a signature, or there is none."""
        signature = {"seq": 5, "payload": base64.b64encode(self.payload).decode()}
        files = {
            "entries.jsonl": b"".join(line + b"\n" for line in self.lines),
            "details.jsonl": _jsonl(self.details),
            "checkpoints.jsonl": _jsonl([{"note": note} for note in self.notes]),
            "signatures.jsonl": _jsonl([signature] if signed else []),
            "key.txt": self.key.encode(),
            "verify_ledger.py": verifier().encode(),
        }
        with zipfile.ZipFile(place, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return place


def _jsonl(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
