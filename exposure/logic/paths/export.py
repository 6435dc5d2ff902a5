"""The graph for other programs: as networkx, which reads and writes many formats."""

import networkx as nx

from exposure.logic.paths.derive import net_of
from exposure.logic.paths.graph import NONE, Graph


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
