"""Many worlds at once: bit k of every number here speaks of world k.

A world is one draw of every cause. Ten thousand worlds are one Python integer with
ten thousand bits, so that one `&` decides a step in all of them.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping

from exposure.logic.paths.draws import check_worlds, draw, seed_number
from exposure.logic.paths.graph import keys_of
from exposure.logic.paths.model import AttackModel, Step

Bits = int


class Worlds:
    """One model in `count` worlds.

    `causes` maps each cause to its bits. Raises `ModelRefused` when the number of
    worlds is not between 1 and 131 072.
    """

    def __init__(
        self,
        model: AttackModel,
        *,
        seed: str,
        count: int,
        chances: Mapping[str, float] | None = None,
    ) -> None:
        check_worlds(count)
        self.count = count
        self.everywhere = (1 << count) - 1
        self.source = model.source
        self.causes: dict[str, Bits] = {}
        for cause in model.causes:
            chance = cause.p if chances is None else chances[cause.id]
            key = int(keys_of((cause.id,))[0])
            bits = draw(key, chance, worlds=count, seed=seed_number(seed))
            self.causes[cause.id] = int.from_bytes(
                bits.astype("<u8").tobytes(), "little"
            )
        self._uses: dict[str, list[Step]] = defaultdict(list)
        self._wins: dict[str, list[Step]] = defaultdict(list)
        self._guarded: dict[str, list[Step]] = defaultdict(list)
        for step in model.steps:
            self._wins[step.head].append(step)
            for fact in set(step.body):
                self._uses[fact].append(step)
            for cause_id in set(step.causes):
                self._guarded[cause_id].append(step)
        self.held = self.spread({self.source: self.everywhere})

    def share(self, bits: Bits) -> float:
        """Return the share of worlds in `bits`."""
        return bits.bit_count() / self.count

    def reach(self, fact: str) -> float:
        """Return the share of worlds in which the attacker gets `fact`."""
        return self.share(self.held.get(fact, 0))

    def usable(
        self, step: Step, held: Mapping[str, Bits], closed: Collection[str] = ()
    ) -> Bits:
        """Return the worlds in which the step works, given what is held."""
        bits = self.everywhere
        for fact in step.body:
            bits &= held.get(fact, 0)
        for cause_id in step.causes:
            bits &= 0 if cause_id in closed else self.causes[cause_id]
        return bits

    def spread(
        self,
        start: Mapping[str, Bits],
        *,
        closed: Collection[str] = (),
        touch: Iterable[str] | None = None,
    ) -> dict[str, Bits]:
        """Return the least fixpoint above `start`, without the `closed` causes.

        `touch` names the facts whose steps are tried first (default: those in
        `start`). A fact is worked on again only when it was won in more worlds, so
        this ends: the bits can only grow.
        """
        held = dict(start)
        queue = deque(start if touch is None else touch)
        waiting = set(queue)
        while queue:
            fact = queue.popleft()
            waiting.discard(fact)
            for step in self._uses.get(fact, ()):
                before = held.get(step.head, 0)
                after = before | self.usable(step, held, closed)
                if after != before:
                    held[step.head] = after
                    if step.head not in waiting:
                        waiting.add(step.head)
                        queue.append(step.head)
        return held

    def without(self, closed: Collection[str]) -> dict[str, Bits]:
        """Return what is held once the `closed` causes are gone, in the same worlds.

        Only facts downstream of a closed cause can change. They are forgotten and won
        again from the rest, which gives the same bits as starting over.
        """
        affected = self._downstream(
            step.head for cause in closed for step in self._guarded.get(cause, ())
        )
        affected.discard(self.source)
        start = {fact: bits for fact, bits in self.held.items() if fact not in affected}
        border = {
            fact
            for head in affected
            for step in self._wins[head]
            for fact in step.body
            if fact in start
        }
        return self.spread(start, closed=closed, touch=sorted(border))

    def onward(
        self, fact: str, bits: Bits, *, blocked: Collection[str]
    ) -> dict[str, Bits]:
        """Return what is won after `fact` was won in the worlds `bits`.

        Each further step uses something won on the way; what else it needs may be
        held from anywhere. Nothing in `blocked` is entered.
        """
        won = {fact: bits}
        queue = deque(won)
        while queue:
            here = queue.popleft()
            for step in self._uses.get(here, ()):
                if step.head in blocked:
                    continue
                before = won.get(step.head, 0)
                after = before | won[here] & self.usable(step, self.held)
                if after != before:
                    won[step.head] = after
                    queue.append(step.head)
        return won

    def _downstream(self, heads: Iterable[str]) -> set[str]:
        found = set(heads)
        queue = deque(sorted(found))
        while queue:
            for step in self._uses.get(queue.popleft(), ()):
                if step.head not in found:
                    found.add(step.head)
                    queue.append(step.head)
        return found
