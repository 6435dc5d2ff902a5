"""A stored revision counted once more, from what it holds itself."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from exposure.logic.paths.analyse import ENGINE
from exposure.logic.paths.blob import BlobRefused, digest_of, pack, unpack
from exposure.logic.paths.compile import compile_graph
from exposure.logic.paths.draws import seed_number
from exposure.logic.paths.graph import Graph
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.logic.paths.worlds import sample


@dataclass(frozen=True, slots=True)
class Stored:
    """What a revision holds: the picture of the plant, the answer, and the graph."""

    snapshot: bytes
    result: bytes
    graph: bytes
    snapshot_sha256: str
    policy_sha256: str


@dataclass(frozen=True, slots=True)
class Recheck:
    """What came of it. `differs` is empty when every bit is the same.

    `compiled` is whether the graph was made anew from the picture too: that takes the
    policy and the version of the engine that made it.
    """

    differs: tuple[str, ...]
    lines: int
    worlds: int
    compiled: bool
    graph_sha256: str


def recheck(stored: Stored, policy: ScoringPolicy) -> Recheck:
    """Count reach and exposure of every line again; compare without any tolerance.

    The picture must have the hash that is written beside it; the graph, the one inside.
    With the policy of the revision it is also compiled again from the picture, and must
    be the same bytes. Then the worlds are drawn from the stored seed. O(worlds x steps),
    in the memory of one block of 512.
    """
    answer = PathAnalysis.from_json(stored.result)
    same_rules = (answer.engine, stored.policy_sha256) == (ENGINE, policy.sha256)
    return Recheck(
        differs=tuple(_differences(stored, answer, policy if same_rules else None)),
        lines=len(answer.lines),
        worlds=answer.worlds,
        compiled=same_rules,
        graph_sha256=digest_of(stored.graph),
    )


def _differences(
    stored: Stored, answer: PathAnalysis, policy: ScoringPolicy | None
) -> Iterator[str]:
    if hashlib.sha256(stored.snapshot).hexdigest() != stored.snapshot_sha256:
        yield "the picture of the plant is not the one whose hash is stored"
    if (answer.snapshot_sha256, answer.policy_sha256) != (
        stored.snapshot_sha256,
        stored.policy_sha256,
    ):
        yield "the answer names another plant or another policy"
    try:
        graph = unpack(stored.graph)
    except BlobRefused as refused:
        yield f"the graph cannot be read: {refused}"
        return
    if policy is not None:
        snapshot = PlantSnapshot.from_canonical(stored.snapshot)
        again = pack(compile_graph(snapshot, policy=policy))
        if digest_of(again) != digest_of(stored.graph):
            yield "the picture of the plant compiles to another graph"
    yield from _figures(graph, answer)


def _figures(graph: Graph, answer: PathAnalysis) -> Iterator[str]:
    drawn = sample(graph, count=answer.worlds, seed=seed_number(answer.seed))
    reach = dict(zip(graph.line_ids, drawn.reaches.tolist(), strict=True))
    if set(reach) != {line.line_id for line in answer.lines}:
        yield "the graph has other lines than the answer"
        return
    for line in answer.lines:
        again = reach[line.line_id]
        if (again, line.points * again) != (line.reach, line.exposure):
            yield f"{line.name}: reach {line.reach!r} is stored, {again!r} is counted"
    if drawn.exposure != answer.exposure:
        yield f"exposure: {answer.exposure!r} is stored, {drawn.exposure!r} is counted"
