"""Where a name leads: its chain of CNAMEs, and the addresses at the end of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exposure.logic.names.messages import Answer, Record, Status

LONGEST_CHAIN = 12  # hops; a resolver follows about as many


@dataclass(frozen=True, slots=True)
class Chain:
    """The names that a name leads to, in order, and the addresses of the last one."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    is_endless: bool = False  # a loop, or longer than anybody follows


def follow(name: str, records: Iterable[Record]) -> Chain:
    """Follow a name through the records of an answer.

    What the chain does not reach is not looked at: whoever answers for one name says
    nothing about others.
    """
    by_name: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_name[record.name].append(record)
    names: list[str] = []
    here = name
    while True:
        own = by_name.get(here, ())
        if addresses := sorted({r.value for r in own if r.type in {"A", "AAAA"}}):
            return Chain(tuple(names), tuple(addresses))
        onward = next((r.value for r in own if r.type == "CNAME"), None)
        if onward is None:
            return Chain(tuple(names))
        if onward == name or onward in names or len(names) == LONGEST_CHAIN:
            return Chain(tuple(names), is_endless=True)
        names.append(onward)
        here = onward


def values(answer: Answer | None, type_: str) -> list[str]:
    """Return the values of one type that an answer gives for the name that was asked."""
    if answer is None:
        return []
    name = answer.question.name
    return sorted(
        {r.value for r in answer.records if r.type == type_ and r.name == name}
    )


def leads_nowhere(answers: Sequence[Answer], chain: Chain) -> bool:
    """Say whether a chain ends at a name without any address, for certain.

    Both kinds of address must have been asked for and answered. The end may be a name
    that does not exist, or one that exists without an address.
    """
    sure = all(
        each.status in {Status.ANSWERED, Status.NO_SUCH_NAME} for each in answers
    )
    return (
        sure
        and bool(answers and chain.names)
        and not (chain.addresses or chain.is_endless)
    )
