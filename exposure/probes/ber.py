"""The basic encoding rules of ASN.1, as far as one short answer needs them.

Source: ITU-T X.690, clause 8.
"""

from typing import NamedTuple

INTEGER, OCTETS, SEQUENCE = 0x02, 0x04, 0x30
MOST_ELEMENTS = 64


class Element(NamedTuple):
    """One element: its tag and its content."""

    tag: int
    content: bytes


def elements(data: bytes) -> list[Element]:
    """Return the elements that follow each other; what is damaged ends the list."""
    found: list[Element] = []
    while len(data) >= 2 and len(found) < MOST_ELEMENTS:
        size, start = data[1], 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(data[2:start], "big")
        if start + size > len(data):
            break
        found.append(Element(data[0], data[start : start + size]))
        data = data[start + size :]
    return found


def sequence(data: bytes) -> list[Element]:
    """Return what is in the one sequence that `data` begins with; [] if it is none."""
    first = elements(data)[:1]
    return elements(first[0].content) if first and first[0].tag == SEQUENCE else []


def number(element: Element) -> int:
    """Return the value of an integer of any kind; negative ones do not occur here."""
    return int.from_bytes(element.content[:8], "big")


def tags(found: list[Element]) -> list[int]:
    """Return the tags, to compare with what a message must be made of."""
    return [each.tag for each in found]
