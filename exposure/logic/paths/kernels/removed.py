"""What a change removes: only worlds in which a line is at risk are looked at.

Of all that hangs on a step, few facts lie on the way to a line. So a change is followed
along the witnesses of lost lines first. Where it takes one of those, all that hangs on
it is marked, in these worlds alone, and then won again in two goes: on the way to the
lines first, which mostly ends it, and everywhere in the worlds that still lose a line.
"""

from typing import NamedTuple

from exposure.logic.paths.graph import F64, I32, I64, U64
from exposure.logic.paths.kernels.compiled import inlined, kernel
from exposure.logic.paths.kernels.gains import (
    Desk,
    Forest,
    Net,
    enqueue,
    mark,
    tidy,
)
from exposure.logic.paths.kernels.rows import (
    add,
    clear,
    copy,
    count,
    keep,
    lose,
    lose_useful,
    meets,
    regain,
)

GOES = 2
"""So often the way to the lines is gone through; what is left then is looked for."""


class Table(NamedTuple):
    """Changes: change i makes cause `cause[r]` fail where row r of `gone` is set.

    Its rows r are those from `ptr[i]` to `ptr[i + 1]`.
    """

    ptr: I64
    cause: I32
    gone: U64


@kernel
def gains(net: Net, forest: Forest, desk: Desk, changes: Table, removed: F64) -> None:
    """Add to `removed` what each change removes by itself, in points x worlds."""
    find_useful(net, forest, desk, desk.useful)
    for place in range(len(removed)):
        rows = slice(changes.ptr[place], changes.ptr[place + 1])
        causes, gone = changes.cause[rows], changes.gone[rows]
        removed[place] += gain(net, forest, desk, causes, gone, desk.useful)


@kernel
def gain(
    net: Net, forest: Forest, desk: Desk, causes: I32, gone: U64, useful: U64
) -> float:
    """Return points x worlds that a change removes; nothing stays changed.

    The change makes cause `causes[i]` fail where row i of `gone` is set; `useful` is
    what `find_useful` found in this forest.
    """
    length = _follow(net, forest, desk, causes, gone, useful)
    if not _is_at_risk(net, desk, length):
        _wipe(desk, length)
        return 0.0
    _wipe(desk, length)
    for place in range(len(causes)):
        copy(desk.kept, place, forest.true, causes[place])
        keep(desk.kept, place, gone, place)
        keep(desk.kept, place, desk.risk, 0)
        clear(forest.true, causes[place], desk.kept, place)
    touched = mark(net, forest, desk, causes, desk.kept, net.matters)
    _win_the_way(net, forest, desk, length)
    if _is_at_risk(net, desk, length):
        _win_the_rest(net, forest, desk, touched)
    removed = 0.0
    for place in range(length):
        fact = desk.chain[place]
        if net.weight[fact]:
            removed += net.weight[fact] * count(desk.lost, fact)
    for place in range(len(causes)):
        add(forest.true, causes[place], desk.kept, place)
    tidy(desk, touched)
    return removed


@kernel
def bound(
    net: Net, forest: Forest, desk: Desk, causes: I32, gone: U64, useful: U64
) -> float:
    """Return an upper bound of `gain`: as if no step could stand in for another."""
    length = _follow(net, forest, desk, causes, gone, useful)
    total = 0.0
    for place in range(length):
        fact = desk.chain[place]
        if net.weight[fact]:
            total += net.weight[fact] * count(desk.lost, fact)
    _wipe(desk, length)
    return total


@kernel
def find_useful(net: Net, forest: Forest, desk: Desk, useful: U64) -> None:
    """Set `useful[facts, words]` where a line with points is lost through a fact.

    Walks the witnesses back from the lines: O(steps), once for all changes.
    """
    length = 0
    for fact in range(len(useful)):
        clear(useful, fact, useful, fact)
        if net.weight[fact]:
            copy(useful, fact, forest.held, fact)
            length = enqueue(desk, fact, 0, length)
    place = 0
    while length:
        fact = desk.queue[place]
        place = (place + 1) % len(desk.queue)
        length -= 1
        desk.waiting[fact] = False
        for at in range(net.wins_ptr[fact], net.wins_ptr[fact + 1]):
            step = net.wins[at]
            for needed in (net.first[step], net.second[step]):
                if lose(forest.by, step, useful, fact, useful, needed):
                    length = enqueue(desk, needed, place, length)


@kernel
def _follow(
    net: Net, forest: Forest, desk: Desk, causes: I32, gone: U64, useful: U64
) -> int:
    """Follow what causes take along the witnesses of lines, into `desk.lost`.

    Returns how many facts are on the way; they stand in `desk.chain`.
    """
    found = length = 0
    for place in range(len(causes)):
        cause = causes[place]
        for at in range(net.guards_ptr[cause], net.guards_ptr[cause + 1]):
            step = net.guards[at]
            head = net.head[step]
            if lose_useful(forest.by, step, gone, place, desk.lost, head, useful):
                found = _chained(desk, head, found)
                length = enqueue(desk, head, 0, length)
    place = 0
    while length:
        fact = desk.queue[place]
        place = (place + 1) % len(desk.queue)
        length -= 1
        desk.waiting[fact] = False
        for at in range(net.uses_ptr[fact], net.uses_ptr[fact + 1]):
            step = net.uses[at]
            head = net.head[step]
            if lose_useful(forest.by, step, desk.lost, fact, desk.lost, head, useful):
                found = _chained(desk, head, found)
                length = enqueue(desk, head, place, length)
    return found


@inlined
def _chained(desk: Desk, fact: int, found: int) -> int:
    if desk.touched[fact]:
        return found
    desk.touched[fact] = True
    desk.chain[found] = fact
    return found + 1


@kernel
def _wipe(desk: Desk, length: int) -> None:
    for place in range(length):
        fact = desk.chain[place]
        clear(desk.lost, fact, desk.lost, fact)
        desk.touched[fact] = False


@kernel
def _is_at_risk(net: Net, desk: Desk, length: int) -> bool:
    """Set `desk.risk` to the worlds in which a line on the way is lost, if any."""
    clear(desk.risk, 0, desk.risk, 0)
    for place in range(length):
        fact = desk.chain[place]
        if net.weight[fact]:
            add(desk.risk, 0, desk.lost, fact)
    return meets(desk.risk, 0, desk.risk, 0)


@kernel
def _win_the_way(net: Net, forest: Forest, desk: Desk, length: int) -> None:
    """Win facts on the way again with what is not lost: often that restores the lines."""
    for _ in range(GOES):
        for place in range(length):
            _win_from_any(net, forest, desk, desk.chain[place])


@kernel
def _win_the_rest(net: Net, forest: Forest, desk: Desk, touched: int) -> None:
    """Win again whatever other steps can win, in the worlds at risk."""
    for place in range(touched):
        keep(desk.lost, desk.found[place], desk.risk, 0)
    length = 0
    for place in range(touched):
        fact = desk.found[place]
        if _win_from_any(net, forest, desk, fact):
            length = enqueue(desk, fact, 0, length)
    place = 0
    while length:
        fact = desk.queue[place]
        place = (place + 1) % len(desk.queue)
        length -= 1
        desk.waiting[fact] = False
        for at in range(net.uses_ptr[fact], net.uses_ptr[fact + 1]):
            step = net.uses[at]
            head = net.head[step]
            if desk.touched[head] and _regains(net, forest, desk, step):
                length = enqueue(desk, head, place, length)


@inlined
def _win_from_any(net: Net, forest: Forest, desk: Desk, fact: int) -> bool:
    won = False
    for at in range(net.wins_ptr[fact], net.wins_ptr[fact + 1]):
        if not meets(desk.lost, fact, desk.lost, fact):
            break
        if _regains(net, forest, desk, net.wins[at]):
            won = True
    return won


@inlined
def _regains(net: Net, forest: Forest, desk: Desk, step: int) -> bool:
    return regain(
        desk.lost,
        forest.held,
        net.first[step],
        net.second[step],
        forest.true,
        net.cause[step],
        net.head[step],
    )
