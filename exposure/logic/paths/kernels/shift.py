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
)
from exposure.logic.paths.kernels.rows import clear, copy, win


@kernel
def shift(net: Net, forest: Forest, desk: Desk, causes: I32, true: U64) -> None:
    """Let cause `causes[i]` be true where row i of `true` is set, from now on.

    What is held, and who won it, follows: what loses its witness is won again by
    other steps as far as can be, then what is new is pushed on.
    """
    now, kept = forest.true, desk.kept
    for row in range(len(causes)):
        copy(kept, row, now, causes[row])
        clear(kept, row, true, row)
        clear(now, causes[row], kept, row)
    touched = mark(net, forest, desk, causes, kept, net.anything)
    _forget(net, forest, desk, touched)
    book = Book(forest.by, 1)
    win_again(net, forest, desk, touched, book)
    tidy(desk, desk.found, touched)
    length = 0
    for row in range(len(causes)):
        cause = causes[row]
        copy(now, cause, true, row)
        for at in range(net.guards_ptr[cause], net.guards_ptr[cause + 1]):
            step = net.guards[at]
            head, one, two = net.head[step], net.first[step], net.second[step]
            if win(forest.held, one, two, now, cause, head, forest.by, step):
                length = enqueue(desk.queue, desk.waiting, head, 0, length)
    push(net, forest, desk, length, book, net.anything)


@kernel
def _forget(net: Net, forest: Forest, desk: Desk, touched: int) -> None:
    """Forget who won what is marked."""
    wins_ptr, wins, by, lost, found = (
        net.wins_ptr,
        net.wins,
        forest.by,
        desk.lost,
        desk.found,
    )
    for place in range(touched):
        fact = found[place]
        for at in range(wins_ptr[fact], wins_ptr[fact + 1]):
            clear(by, wins[at], lost, fact)
