"""What a change removes: only worlds in which a line is at risk are looked at.

Of all that hangs on a step, few facts lie on the way to a line. So a change is followed
along the witnesses of lost lines first. Where it takes one of those, all that hangs on
it is marked, in these worlds alone, and then won again in two goes: on the way to the
lines first, which mostly ends it, and everywhere in the worlds that still lose a line.
"""

from typing import NamedTuple

from exposure.logic.paths.graph import F64, I32, I64, U64
from exposure.logic.paths.kernels.compiled import kernel
from exposure.logic.paths.kernels.gains import (
    Desk,
    Forest,
    Net,
    enqueue,
    mark,
    tidy,
    touch,
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
    true, kept, risk = forest.true, desk.kept, desk.risk
    length = _follow(net, forest, desk, causes, gone, useful)
    is_at_risk = _weigh(net, desk, length) > 0.0
    tidy(desk, desk.chain, length)
    if not is_at_risk:
        return 0.0
    for row in range(len(causes)):
        copy(kept, row, true, causes[row])
        keep(kept, row, gone, row)
        keep(kept, row, risk, 0)
        clear(true, causes[row], kept, row)
    touched = mark(net, forest, desk, causes, kept, net.matters)
    for _ in range(GOES):
        _dismiss(desk, _win_from_any(net, forest, desk, desk.chain, length))
    removed = _weigh(net, desk, length)
    if removed:
        _win_the_rest(net, forest, desk, touched)
        removed = _weigh(net, desk, length)
    for row in range(len(causes)):
        add(true, causes[row], kept, row)
    tidy(desk, desk.found, touched)
    return removed


@kernel
def bound(
    net: Net, forest: Forest, desk: Desk, causes: I32, gone: U64, useful: U64
) -> float:
    """Return an upper bound of `gain`: as if no step could stand in for another."""
    length = _follow(net, forest, desk, causes, gone, useful)
    most = _weigh(net, desk, length)
    tidy(desk, desk.chain, length)
    return most


@kernel
def find_useful(net: Net, forest: Forest, desk: Desk, useful: U64) -> None:
    """Set `useful[facts, words]` where a line with points is lost through a fact.

    Walks the witnesses back from the lines: O(steps), once for all changes.
    """
    first, second, wins_ptr, wins = net.first, net.second, net.wins_ptr, net.wins
    by, queue, waiting = forest.by, desk.queue, desk.waiting
    length = 0
    for fact in range(len(useful)):
        clear(useful, fact, useful, fact)
        if net.weight[fact]:
            copy(useful, fact, forest.held, fact)
            length = enqueue(queue, waiting, fact, 0, length)
    place = 0
    while length:
        fact, place, length = queue[place], (place + 1) % len(queue), length - 1
        waiting[fact] = False
        for at in range(wins_ptr[fact], wins_ptr[fact + 1]):
            step = wins[at]
            if lose(by, step, useful, fact, useful, first[step]):
                length = enqueue(queue, waiting, first[step], place, length)
            if lose(by, step, useful, fact, useful, second[step]):
                length = enqueue(queue, waiting, second[step], place, length)


@kernel
def _follow(
    net: Net, forest: Forest, desk: Desk, causes: I32, gone: U64, useful: U64
) -> int:
    """Follow what causes take along the witnesses of lines, into `desk.lost`.

    Returns how many facts are on the way; they stand in `desk.chain`.
    """
    heads, by, lost = net.head, forest.by, desk.lost
    guards_ptr, guards = net.guards_ptr, net.guards
    uses_ptr, uses = net.uses_ptr, net.uses
    queue, waiting, chain, known = desk.queue, desk.waiting, desk.chain, desk.touched
    found = length = 0
    for row in range(len(causes)):
        for at in range(guards_ptr[causes[row]], guards_ptr[causes[row] + 1]):
            step = guards[at]
            head = heads[step]
            if lose_useful(by, step, gone, row, lost, head, useful):
                found = touch(chain, known, head, found)
                length = enqueue(queue, waiting, head, 0, length)
    place = 0
    while length:
        fact, place, length = queue[place], (place + 1) % len(queue), length - 1
        waiting[fact] = False
        for at in range(uses_ptr[fact], uses_ptr[fact + 1]):
            step = uses[at]
            head = heads[step]
            if lose_useful(by, step, lost, fact, lost, head, useful):
                found = touch(chain, known, head, found)
                length = enqueue(queue, waiting, head, place, length)
    return found


@kernel
def _dismiss(desk: Desk, length: int) -> None:
    """Let none of the first facts in the queue wait any more."""
    for place in range(length):
        desk.waiting[desk.queue[place]] = False


@kernel
def _weigh(net: Net, desk: Desk, length: int) -> float:
    """Return the points x worlds that are lost now; `desk.risk` are those worlds."""
    weight, lost, chain, risk = net.weight, desk.lost, desk.chain, desk.risk
    clear(risk, 0, risk, 0)
    total = 0.0
    for place in range(length):
        fact = chain[place]
        if weight[fact]:
            add(risk, 0, lost, fact)
            total += weight[fact] * count(lost, fact)
    return total


@kernel
def _win_the_rest(net: Net, forest: Forest, desk: Desk, touched: int) -> None:
    """Win again whatever other steps can win, in the worlds at risk."""
    first, second, heads, cause = net.first, net.second, net.head, net.cause
    uses_ptr, uses = net.uses_ptr, net.uses
    held, true, lost, known = forest.held, forest.true, desk.lost, desk.touched
    queue, waiting, found = desk.queue, desk.waiting, desk.found
    for place in range(touched):
        keep(lost, found[place], desk.risk, 0)
    length, place = _win_from_any(net, forest, desk, found, touched), 0
    while length:
        fact, place, length = queue[place], (place + 1) % len(queue), length - 1
        waiting[fact] = False
        for at in range(uses_ptr[fact], uses_ptr[fact + 1]):
            step = uses[at]
            head, one, two = heads[step], first[step], second[step]
            if not known[head]:
                continue
            if regain(lost, held, one, two, true, cause[step], head):
                length = enqueue(queue, waiting, head, place, length)


@kernel
def _win_from_any(net: Net, forest: Forest, desk: Desk, facts: I32, size: int) -> int:
    """Win the first facts again with what is not lost; those won wait in the queue.

    Returns how many these are.
    """
    first, second, cause = net.first, net.second, net.cause
    wins_ptr, wins = net.wins_ptr, net.wins
    held, true, lost = forest.held, forest.true, desk.lost
    queue, waiting = desk.queue, desk.waiting
    length = 0
    for place in range(size):
        fact = facts[place]
        for at in range(wins_ptr[fact], wins_ptr[fact + 1]):
            if not meets(lost, fact, lost, fact):
                break
            step = wins[at]
            one, two = first[step], second[step]
            if regain(lost, held, one, two, true, cause[step], fact):
                length = enqueue(queue, waiting, fact, 0, length)
    return length
