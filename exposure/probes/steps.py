"""The steps of a conversation that a person repeats by hand."""

from typing import NamedTuple

PLACEHOLDER = b"\xfa\xce\xfa\xce"


class Step(NamedTuple):
    """One message in hex; an empty one only listens.

    "@" stands for the bytes kept from an earlier answer: those from `keep_from` up to
    `keep_to`.
    """

    message: str
    keep_from: int = 0
    keep_to: int = 0


def plain(*messages: bytes) -> list[Step]:
    """Return steps that keep nothing; a placeholder becomes what was kept before."""
    marks = (PLACEHOLDER * 2).hex(), PLACEHOLDER.hex()
    return [
        Step(message.hex().replace(marks[0], "@").replace(marks[1], "@"))
        for message in messages
    ]
