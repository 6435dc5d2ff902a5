"""A change to a plant as the attack model sees it: which causes survive it, how often."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from exposure.logic.paths.graph import F64, I32, I64, U64, Graph
from exposure.logic.paths.model import ModelRefused


@dataclass(frozen=True, slots=True)
class Edit:
    """One change. `keep` maps a cause to the share of worlds in which it survives.

    0: the change removes the cause. 0.1: in nine of ten worlds in which the cause was
    true it is true no longer, and which ones these are is luck of this edit and this
    cause alone, so the effects of several edits on one cause multiply. 1: no effect.
    """

    id: str
    keep: Mapping[str, float]


def closing(edit_id: str, causes: Iterable[str]) -> Edit:
    """Return the edit that removes these causes."""
    return Edit(edit_id, dict.fromkeys(causes, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class EditTable:
    """Edits as arrays: those of edit i are the rows `ptr[i]` to `ptr[i + 1]`.

    Row r says that cause `cause[r]` (its number in the graph) survives with chance
    `keep[r]`, drawn under `key[r]`. Within an edit the causes ascend.
    """

    ptr: I64
    cause: I32
    keep: F64
    key: U64


def table_of(graph: Graph, edits: Sequence[Edit]) -> EditTable:
    """Return edits as arrays over the causes of a graph.

    Raises `ModelRefused` when two edits have one id, a cause is not in the graph, or
    a share is not a number from 0 to 1.
    """
    if len({edit.id for edit in edits}) < len(edits):
        raise ModelRefused("Two changes have the same id.")
    number = {cause: place for place, cause in enumerate(graph.cause_ids)}
    rows: list[tuple[int, float, int]] = []
    ptr = [0]
    for edit in edits:
        _check(edit, known=number)
        rows += sorted(
            (number[cause], keep, effect_key(edit.id, cause))
            for cause, keep in edit.keep.items()
        )
        ptr.append(len(rows))
    return EditTable(
        ptr=np.array(ptr, np.int64),
        cause=np.array([row[0] for row in rows], np.int32),
        keep=np.array([row[1] for row in rows], np.float64),
        key=np.array([row[2] for row in rows], np.uint64),
    )


def effect_key(edit_id: str, cause_id: str) -> int:
    """Return the key under which the survival of one cause of one edit is drawn."""
    text = f"{edit_id}\n{cause_id}".encode(errors="surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "little")


def _check(edit: Edit, *, known: Collection[str]) -> None:
    for cause, keep in edit.keep.items():
        if cause not in known:
            raise ModelRefused(
                f"The change {edit.id} speaks of the cause {cause}, "
                "which is not in the model."
            )
        if not 0.0 <= keep <= 1.0:  # NaN fails every comparison
            raise ModelRefused(
                f"The change {edit.id} leaves a share of {keep} of {cause}, "
                "which is not a number from 0 to 1."
            )
