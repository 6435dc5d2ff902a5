"""What follows for good when causes are true in other worlds than before."""

from exposure.logic.paths.graph import I32, U64
from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.gains import (
    Book,
    Desk,
    Forest,
    Net,
    enqueue,
    mark,
    push,
    tidy,
    win_again,
    wins,
)
from exposure.logic.paths.kernels.rows import clear, copy


@kernel
def shift(net: Net, forest: Forest, desk: Desk, causes: I32, true: U64) -> None:
    """Let cause `causes[i]` be true where row i of `true` is set, from now on.

    What is held, and who won it, follows: what loses its witness is won again by
    other steps as far as can be, then what is new is pushed on.
    """
    for place in range(len(causes)):
        copy(desk.kept, place, forest.true, causes[place])
        clear(desk.kept, place, true, place)
        clear(forest.true, causes[place], desk.kept, place)
    touched = mark(net, forest, desk, causes, desk.kept, net.anything)
    for place in range(touched):
        fact = desk.found[place]
        for at in range(net.wins_ptr[fact], net.wins_ptr[fact + 1]):
            clear(forest.by, net.wins[at], desk.lost, fact)
    book = Book(forest.by, 1)
    win_again(net, forest, desk, touched, book)
    tidy(desk, touched)
    length = 0
    for place in range(len(causes)):
        cause = causes[place]
        copy(forest.true, cause, true, place)
        for at in range(net.guards_ptr[cause], net.guards_ptr[cause + 1]):
            step = net.guards[at]
            if wins(net, forest, step, book):
                length = enqueue(desk, net.head[step], 0, length)
    push(net, forest, desk, length, book, net.anything)
