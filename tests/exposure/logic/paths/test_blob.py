"""A stored graph is the graph that was stored, or it is refused."""

import zlib
from dataclasses import fields

import numpy as np
import pytest

from exposure.logic.paths.blob import BlobRefused, pack, unpack
from exposure.logic.paths.graph import Graph, Index, graph_of
from exposure.logic.paths.model import AttackModel, Cause, Step, Target
from tests.exposure.logic.paths.plants import random_model


def some_graph(number: int = 1) -> Graph:
    return graph_of(random_model(number))


def assert_equal(one: Graph, other: Graph) -> None:
    for field in fields(Graph):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, tuple):
            assert left == right
        elif isinstance(left, Index):
            np.testing.assert_array_equal(left.ptr, right.ptr)
            np.testing.assert_array_equal(left.items, right.items)
        else:
            np.testing.assert_array_equal(left, right)
            assert left.dtype == right.dtype
            assert left.flags.writeable  # else kernels are compiled once more


@pytest.mark.parametrize("number", range(5))
def test_it_comes_back_as_it_was(number: int) -> None:
    graph = some_graph(number)

    assert_equal(unpack(pack(graph)), graph)


def test_a_graph_of_nothing_and_one_with_strange_names_come_back() -> None:
    strange = "reach:Ünïcode \ud800 ‮ line\n2:80"
    model = AttackModel(
        causes=(Cause("ç", "finding", "x", "x", 0.5, "E3"),),
        steps=(Step("s", strange, ("net:internet",), ("ç",)),),
        targets=(Target("L", "line:L", 10),),
    )

    for graph in (graph_of(AttackModel()), graph_of(model)):
        assert_equal(unpack(pack(graph)), graph)


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert pack(some_graph()) == pack(some_graph())
    assert pack(some_graph(1)) != pack(some_graph(2))


@pytest.mark.parametrize("place", [0, 7, 20, 45, -1])
def test_one_changed_byte_is_refused(place: int) -> None:
    blob = bytearray(pack(some_graph()))
    blob[place] ^= 0x10

    with pytest.raises(BlobRefused):
        unpack(bytes(blob))


@pytest.mark.parametrize("kept", [0, 8, 39, 40, 60])
def test_a_cut_one_is_refused(kept: int) -> None:
    with pytest.raises(BlobRefused):
        unpack(pack(some_graph())[:kept])


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exposure.logic.paths.blob.MOST_BYTES", 1 << 16)
    bomb = pack(some_graph())[:40] + zlib.compress(bytes(1 << 24), 9)

    with pytest.raises(BlobRefused):
        unpack(bomb)
