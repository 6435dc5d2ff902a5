"""Who fills which place here: the names beside a place that nobody has answered yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.logic.signoff import slot_of
from workflows.services.people import members_now


@dataclass(frozen=True, slots=True)
class People:
    """Names by the slot they fill."""

    by_slot: Mapping[str, tuple[str, ...]]

    def of(self, slot: str) -> str:
        """Return the names of those who may fill the slot; "" if there is nobody."""
        return " or ".join(self.by_slot.get(slot, ()))


def people_here() -> People:
    """Return the people of the current workspace."""
    by_slot: dict[str, tuple[str, ...]] = {}
    for member in sorted(members_now(), key=lambda each: each.name):
        slot = slot_of(member)
        if slot:
            by_slot[slot] = (*by_slot.get(slot, ()), member.name)
    return People(by_slot)
