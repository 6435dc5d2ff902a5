"""DNS messages (RFC 1035): questions as bytes, answers as records; every byte is doubted."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from enum import StrEnum

TYPES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "AXFR": 252,
    "CAA": 257,
}
NAME_OF = {number: name for name, number in TYPES.items()}
INTERNET = 1
HEADER = struct.Struct("!6H")
FIXED = struct.Struct("!HHIH")  # type, class, time to live, length
RECURSE, RESPONSE, AUTHORITATIVE, TRUNCATED = 0x0100, 0x8000, 0x0400, 0x0200
# EDNS (RFC 6891): we take answers of 1232 bytes, which no sane network fragments.
OPT = struct.pack("!BHHIH", 0, 41, 1232, 0, 0)
MOST_RECORDS = 500  # of one message; a zone transfer has many messages
LONGEST_NAME = 255
LONGEST_TEXT = 2000
PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_*")


class Garbage(ValueError):
    """Bytes that are no answer to what was asked."""


class Status(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"  # there is such a name; it may have no such record
    NO_SUCH_NAME = "no such name"
    FAILED = "failed"  # the resolver could not find out
    REFUSED = "refused"
    SILENT = "no answer"
    GARBAGE = "garbage"


STATUS_OF = {0: Status.ANSWERED, 3: Status.NO_SUCH_NAME, 5: Status.REFUSED}


@dataclass(frozen=True, slots=True)
class Question:
    """A name in ASCII without the last dot, and a type of record such as "MX"."""

    name: str
    type: str = "A"


@dataclass(frozen=True, slots=True)
class Record:
    """One record; names and values as text, odd bytes of a name as backslash and number."""

    name: str
    type: str
    value: str
    ttl: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a question; `authority` holds SOA and NS records beside the answer."""

    question: Question
    status: Status
    records: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    is_authoritative: bool = False
    is_truncated: bool = False
    size: int = 0  # bytes of the message


def encode(question: Question, number: int, *, recurse: bool = True) -> bytes:
    """Return the message that asks; `number` is its id.

    >>> encode(Question("plant.example", "MX"), 1)[12:].hex()
    '05706c616e74076578616d706c6500000f000100002904d0000000000000'
    """
    labels = [label.encode("ascii") for label in question.name.split(".")]
    name = b"".join(bytes([len(label)]) + label for label in labels if label)
    return (
        HEADER.pack(number, RECURSE if recurse else 0, 1, 0, 0, 1)
        + name
        + struct.pack("!BHH", 0, TYPES[question.type], INTERNET)
        + OPT
    )


def decode(data: bytes, question: Question) -> Answer:
    """Return the answer to a question; raises Garbage for anything else.

    A message that repeats another question, points forwards, or ends early is garbage.
    A truncated one may have no records; the caller asks again over TCP.
    """
    try:
        return _decode(data, question)
    except (struct.error, IndexError, UnicodeError) as error:
        raise Garbage(str(error)) from error


def _decode(data: bytes, question: Question) -> Answer:
    _, flags, asked, answers, authorities, _ = HEADER.unpack_from(data)
    if not flags & RESPONSE or asked > 1:
        raise Garbage("no response to one question")
    at = HEADER.size
    if asked:
        name, at = read_name(data, at)
        type_, class_ = struct.unpack_from("!HH", data, at)
        at += 4
        same = name.lower() == question.name and class_ == INTERNET
        if not same or type_ != TYPES[question.type]:
            raise Garbage("the answer to another question")
    elif question.type != "AXFR":
        raise Garbage("the answer to no question")
    truncated = bool(flags & TRUNCATED)
    try:
        records, at = _section(data, at, answers)
        authority, _ = _section(data, at, authorities)
    except (Garbage, struct.error, IndexError):
        if not truncated:
            raise
        records = authority = ()
    return Answer(
        question,
        STATUS_OF.get(flags & 15, Status.FAILED),
        records,
        authority,
        is_authoritative=bool(flags & AUTHORITATIVE),
        is_truncated=truncated,
        size=len(data),
    )


def _section(data: bytes, at: int, count: int) -> tuple[tuple[Record, ...], int]:
    if count > MOST_RECORDS:
        raise Garbage("more records than any answer needs")
    found = []
    for _ in range(count):
        name, at = read_name(data, at)
        type_, class_, ttl, length = FIXED.unpack_from(data, at)
        at += FIXED.size
        end = at + length
        if end > len(data):
            raise Garbage("a record that ends after the message")
        known = NAME_OF.get(type_)
        if known and class_ == INTERNET:
            value = _value(data, at, end, known)
            found.append(Record(name.lower(), known, value, ttl))
        at = end
    return tuple(found), at


def _value(data: bytes, at: int, end: int, type_: str) -> str:
    if type_ == "A":
        return socket.inet_ntop(socket.AF_INET, _exactly(data[at:end], 4))
    if type_ == "AAAA":
        return socket.inet_ntop(socket.AF_INET6, _exactly(data[at:end], 16))
    if type_ in {"NS", "CNAME", "PTR"}:
        return read_name(data, at)[0].lower()
    if type_ in {"MX", "SOA"}:
        return _mx(data, at) if type_ == "MX" else _soa(data, at)
    return _text(data[at:end]) if type_ == "TXT" else _caa(data[at:end])


def _exactly(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise Garbage("an address of another length")
    return data


def _mx(data: bytes, at: int) -> str:
    (preference,) = struct.unpack_from("!H", data, at)
    return f"{preference} {read_name(data, at + 2)[0].lower()}"


def _soa(data: bytes, at: int) -> str:
    server, at = read_name(data, at)
    person, at = read_name(data, at)
    numbers = struct.unpack_from("!5I", data, at)
    return " ".join([server.lower(), person.lower(), *map(str, numbers)])


def _text(data: bytes) -> str:
    parts, at = [], 0
    while at < len(data):
        size = data[at]
        parts.append(data[at + 1 : at + 1 + size])
        at += 1 + size
    return b"".join(parts)[:LONGEST_TEXT].decode("utf-8", "backslashreplace")


def _caa(data: bytes) -> str:
    flags, size = data[0], data[1]
    tag, value = data[2 : 2 + size], data[2 + size :]
    text = f'{flags} {tag.decode("ascii", "backslashreplace")} "'
    return text + value[:LONGEST_TEXT].decode("utf-8", "backslashreplace") + '"'


def read_name(data: bytes, at: int) -> tuple[str, int]:
    """Return the name that begins at a place, and the place behind it.

    Pointers lead backwards only, so that no message keeps a reader for ever.
    """
    labels: list[str] = []
    behind, size = 0, 0
    while length := data[at]:
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | data[at + 1]
            behind = behind or at + 2
            if target >= at:
                raise Garbage("a name that points forwards")
            at = target
            continue
        label = data[at + 1 : at + 1 + length]
        size += length + 1
        if length > 63 or len(label) < length or size > LONGEST_NAME:
            raise Garbage("a name that is too long")
        labels.append(_label(label))
        at += 1 + length
    return ".".join(labels), behind or at + 1


def _label(label: bytes) -> str:
    if PLAIN.issuperset(label):
        return label.decode("ascii")
    return "".join(chr(byte) if byte in PLAIN else f"\\{byte:03}" for byte in label)
