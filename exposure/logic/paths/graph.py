"""An attack model as arrays of numbers: what the kernels work on."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.model import AttackModel, Cause, Step, Target

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

NONE = -1
SOURCE = 0
"""The number of the fact that the attacker starts with."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Which numbers belong to a key: those of key k are `items[ptr[k]:ptr[k + 1]]`."""

    ptr: I64
    items: I32


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Facts, steps and causes by number, in an order that the model alone decides.

    Of n facts, fact 0 is the source. Of S steps, step s needs the facts `first[s]` and
    `second[s]` (-1: no second one), wins `head[s]`, and works in worlds in which cause
    `cause[s]` is true (-1: always). A step of the model with more than two facts or more
    than one cause is a chain of steps over facts of its own; `origin[s]` is the number
    of the step of the model, for each link of its chain. Of X causes, `chance[x]` is the
    probability, `width[x]` how many trials our knowledge of it is worth (the strength of
    a Beta distribution) and `key[x]` a number that stands for its id, the same in every
    model.
    Of L lines, `target[l]` is the fact that line l is lost, `points[l]` what it counts.
    A model step that could never win anything new is left out.
    """

    facts: tuple[str, ...]
    cause_ids: tuple[str, ...]
    line_ids: tuple[str, ...]
    first: I32
    second: I32
    head: I32
    cause: I32
    origin: I32
    chance: F64
    width: F64
    key: U64
    target: I32
    points: F64
    uses: Index
    """From a fact to the steps that need it."""
    wins: Index
    """From a fact to the steps that win it."""
    guards: Index
    """From a cause to the steps that need it."""


def graph_of(model: AttackModel) -> Graph:
    """Return the arrays of a model. O(steps); equal models give equal arrays."""
    numbers = {model.source: SOURCE}
    causes = {cause.id: number for number, cause in enumerate(model.causes)}
    rows: list[tuple[int, int, int, int, int]] = []

    def number_of(fact: str) -> int:
        return numbers.setdefault(fact, len(numbers))

    for origin, step in enumerate(model.steps):
        for link in _links(step, model.source):
            rows.append(
                (
                    number_of(link.first),
                    number_of(link.second) if link.second else NONE,
                    number_of(link.head),
                    causes[link.cause] if link.cause else NONE,
                    origin,
                )
            )
    target = [number_of(each.fact) for each in model.targets]
    first, second, head, cause_of, origins = (
        np.array(rows, np.int32).reshape(-1, 5).T.copy()
    )
    table = Table(
        facts=tuple(numbers),
        first=first,
        second=second,
        head=head,
        cause=cause_of,
        origin=origins,
    )
    return graph_from(table, causes=model.causes, targets=model.targets, target=target)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The facts and the links of a graph to be; the columns are those of `Graph`."""

    facts: tuple[str, ...]
    first: I32
    second: I32
    head: I32
    cause: I32
    origin: I32


def graph_from(
    table: Table,
    *,
    causes: Sequence[Cause],
    targets: Sequence[Target],
    target: Sequence[int],
) -> Graph:
    """Return the graph of links that are numbered already; `target` are fact numbers."""
    cause_ids = tuple(each.id for each in causes)
    return indexed(
        facts=table.facts,
        cause_ids=cause_ids,
        line_ids=tuple(each.line_id for each in targets),
        first=table.first,
        second=table.second,
        head=table.head,
        cause=table.cause,
        origin=table.origin,
        chance=np.array([each.p for each in causes], np.float64),
        width=np.array([each.width for each in causes], np.float64),
        key=keys_of(cause_ids),
        target=np.array(target, np.int32),
        points=np.array([each.points for each in targets], np.float64),
    )


class Columns(TypedDict):
    """The columns of a `Graph`, of which its three indices follow."""

    facts: tuple[str, ...]
    cause_ids: tuple[str, ...]
    line_ids: tuple[str, ...]
    first: I32
    second: I32
    head: I32
    cause: I32
    origin: I32
    chance: F64
    width: F64
    key: U64
    target: I32
    points: F64


def indexed(**columns: Unpack[Columns]) -> Graph:
    """Return the graph of these columns. O(steps)."""
    first, second, cause = columns["first"], columns["second"], columns["cause"]
    facts, causes = len(columns["facts"]), len(columns["cause_ids"])
    steps = np.arange(len(first), dtype=np.int32)
    pairs, guarded = second != NONE, cause != NONE
    both = np.concatenate([first, second[pairs]])
    return Graph(
        **columns,
        uses=index(both, np.concatenate([steps, steps[pairs]]), size=facts),
        wins=index(columns["head"], steps, size=facts),
        guards=index(cause[guarded], steps[guarded], size=causes),
    )


def keys_of(cause_ids: Sequence[str]) -> U64:
    """Return for each cause the first eight bytes of the SHA-256 of its id."""
    digests = (
        hashlib.sha256(each.encode(errors="surrogatepass")).digest()[:8]
        for each in cause_ids
    )
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def index(keys: I32, items: I32, *, size: int) -> Index:
    """Return the items of each key from 0 to `size` - 1, in the order they came."""
    order = np.argsort(keys, kind="stable")
    counts = np.bincount(keys, minlength=size) if len(keys) else np.zeros(size, int)
    ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Index(ptr=ptr, items=items[order].astype(np.int32))


class _Link(NamedTuple):
    first: str
    second: str
    head: str
    cause: str


def _links(step: Step, source: str) -> Iterator[_Link]:
    """Yield steps with at most two facts and one cause each; "" is none."""
    body = [fact for fact in dict.fromkeys(step.body) if fact != source]
    if step.head == source or step.head in body:
        return
    held, *more = body or [source]
    causes = list(dict.fromkeys(step.causes))
    links = max(len(more), len(causes), 1)
    for place in range(links):
        last = place == links - 1
        head = step.head if last else f"and:{place}:{step.id}"
        other = more[place] if place < len(more) else ""
        cause = causes[place] if place < len(causes) else ""
        yield _Link(held, other, head, cause)
        held = head
