"""The graph for other programs: as networkx, which reads and writes many formats."""

import itertools
from collections.abc import Mapping
from io import BytesIO

import networkx as nx

from common.errors import DomainError
from exposure.logic.paths.derive import net_of
from exposure.logic.paths.graph import NONE, Graph
from exposure.logic.paths.model import read_fact
from exposure.logic.paths.snapshot import PlantSnapshot

MOST_STEPS = 60_000
"""Other programs read no more than this in reasonable time, nor do we write it."""

HOLDS = {
    "reach": "packets arrive at",
    "control": "control of",
    "foothold": "foothold on",
    "zone": "presence in",
    "credential": "has",
    "line": "loss of",
}


class GraphTooLarge(DomainError, ValueError):
    """A graph that no other program would read."""


def as_graphml(graph: Graph, snapshot: PlantSnapshot) -> bytes:
    """Return the graph as GraphML, with what facts and causes are called in the plant.

    The nodes and edges are those of `as_networkx`; nodes have a `label`. Names come from
    outside: what XML cannot hold is left out of them. Raises `GraphTooLarge`.
    """
    if len(graph.head) > MOST_STEPS:
        raise GraphTooLarge(
            f"This graph has {len(graph.head)} steps. A file holds {MOST_STEPS} at most."
        )
    drawn, names = as_networkx(graph), _names(snapshot)
    for fact in graph.facts:
        drawn.nodes[fact]["label"] = _label(fact, names)
    file = BytesIO()
    # The writer of the standard library: the other one needs a package that is not ours.
    nx.write_graphml_xml(drawn, file, named_key_ids=True)
    return file.getvalue()


def _names(snapshot: PlantSnapshot) -> dict[str, str]:
    named = (
        [(row.id, row.name) for row in snapshot.zones],
        [(row.id, row.name) for row in snapshot.lines],
        [(row.id, row.name) for row in snapshot.assets],
        [(row.id, row.name) for row in snapshot.credentials],
    )
    return dict(itertools.chain.from_iterable(named))


def _label(fact: str, names: Mapping[str, str]) -> str:
    """Return a fact in words; links inside a step of several facts have none."""
    kind = fact.partition(":")[0]
    if kind not in HOLDS:
        return ""
    read = read_fact(fact)
    port = f" port {read.port}" if read.port else ""
    name = "".join(letter for letter in names.get(read.id, "") if letter.isprintable())
    return f"{HOLDS[kind]} {name or read.id}{port}"


def as_networkx(graph: Graph) -> nx.MultiDiGraph:
    """Return the graph with one node for each fact and its steps as edges.

    Nodes are the facts by name, in their order. A step is an edge to the fact it wins
    from each fact of its body, all with the number of the step as key: edges with the
    same key belong together, because the step needs every one of them. Edges carry
    `cause` (its id, or ""), `p` (1.0 without a cause) and `price`, the whole number that
    the searches add up for -ln p. Copies everything: O(steps).
    """
    drawn = nx.MultiDiGraph()
    drawn.add_nodes_from(graph.facts)
    prices = net_of(graph).price.tolist()
    columns = (graph.first, graph.second, graph.head, graph.cause)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for step, (first, second, head, cause) in enumerate(rows):
        known = cause != NONE
        for fact in (first, second):
            if fact != NONE:
                drawn.add_edge(
                    graph.facts[fact],
                    graph.facts[head],
                    key=step,
                    cause=graph.cause_ids[cause] if known else "",
                    p=float(graph.chance[cause]) if known else 1.0,
                    price=prices[step],
                )
    return drawn
