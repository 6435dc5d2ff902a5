"""What can be derived at all, and what nobody can do without."""

from collections import defaultdict, deque

from exposure.logic.paths.model import AttackModel, Step


class Rules:
    """The steps of a model that can ever work, found by the facts they use."""

    def __init__(self, model: AttackModel) -> None:
        impossible = {cause.id for cause in model.causes if cause.p <= 0.0}
        self.source = model.source
        self.steps: list[Step] = [
            step for step in model.steps if impossible.isdisjoint(step.causes)
        ]
        self.uses: dict[str, list[Step]] = defaultdict(list)
        for step in self.steps:
            for fact in set(step.body):
                self.uses[fact].append(step)
        self._place: dict[str, int] = {}
        self._free = self._derivable_without_each()

    def derivable(self) -> frozenset[str]:
        """Return all facts an attacker wins when every step works."""
        return frozenset(self._place)

    def needed_for(self, fact: str) -> frozenset[str]:
        """Return the facts without which `fact` cannot be derived, itself included.

        These are its dominators in the AND/OR graph. Not derivable at all: none.
        """
        if fact not in self._place:
            return frozenset()
        free = self._free[fact]
        return frozenset(
            other for other, place in self._place.items() if not free >> place & 1
        )

    def _derivable_without_each(self) -> dict[str, int]:
        """Return for each fact a number: bit k set = derivable without fact k.

        The same least fixpoint as over worlds, where world k is the plant in which
        fact k can never be won: all dominators at once.
        """
        for fact in self._closure():
            self._place[fact] = len(self._place)
        everything = (1 << len(self._place)) - 1
        free = dict.fromkeys(self._place, 0)
        free[self.source] = everything ^ 1 << self._place[self.source]
        queue = deque([self.source])
        while queue:
            for step in self.uses.get(queue.popleft(), ()):
                if step.head not in self._place or step.head == self.source:
                    continue
                bits = everything ^ 1 << self._place[step.head]
                for fact in step.body:
                    bits &= free.get(fact, 0)
                if bits & ~free[step.head]:
                    free[step.head] |= bits
                    queue.append(step.head)
        return free

    def _closure(self) -> list[str]:
        """Return the derivable facts in the order of their first derivation."""
        missing = {step.id: len(set(step.body)) for step in self.steps}
        held = {self.source: None}
        queue = deque(held)
        while queue:
            for step in self.uses.get(queue.popleft(), ()):
                missing[step.id] -= 1
                if not missing[step.id] and step.head not in held:
                    held[step.head] = None
                    queue.append(step.head)
        return list(held)
