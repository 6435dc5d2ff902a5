"""What a request does to a device."""

from enum import StrEnum


class Kind(StrEnum):
    """What a request does to the device."""

    READ = "read"
    CONTROL = "control"
    """Writes, commands, moves programs, or takes a session that others need."""
    UNKNOWN = "unknown"
    """Not a message of the protocol, or one that this module does not know."""
    RAW = "raw"
    """Bytes of a protocol that this module does not read."""


Verdict = tuple[Kind, str]
