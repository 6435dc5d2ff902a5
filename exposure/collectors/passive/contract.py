"""The contract of a source: what it is asked, how its answer is read. Both are pure."""

from __future__ import annotations

import email.utils
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

DAY = 24 * 3600
LEAST_PAUSE, LONGEST_PAUSE = 60, DAY  # seconds
MOST_WORDS = 200


class SourceError(Exception):
    """A source gave no usable answer; the text says why, in words."""


class Paused(SourceError):
    """The source wants to be left alone for `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__("The source asks us to wait.")
        self.seconds = seconds


class KeyRefused(SourceError):
    """The source does not take the key, or what is paid for is used up."""


class Query(NamedTuple):
    """What is asked about: `kind` is "name" or "address", `value` is canonical."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Request:
    """One GET; `headers` and `url` may hold the key, so neither is ever logged."""

    url: str
    headers: Mapping[str, str]

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "Request(…)"


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it came: headers in small letters, at most the bytes that we read."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """Something that a source names: `kind` is "name", "address" or "range"."""

    kind: str
    value: str
    seen_at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service that a source has seen; `seen_at` is its time, not ours."""

    address: str
    port: int
    transport: str = "tcp"
    protocol: str = ""
    product: str = ""
    weaknesses: tuple[str, ...] = ()
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says; all empty when the source knows nothing. `more` is the address
    of another page or of the server that knows, or "".
    """

    known: tuple[Known, ...] = ()
    services: tuple[KnownService, ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One source, for people and for the job that asks it.

    `evidence` is the weight of what it says, see exposure.logic.attribution. `pause` is
    the least time between two questions, `fresh` how long an answer counts; seconds.
    `hosts` are the only servers that it may send us to.
    """

    name: str
    title: str
    gives: str
    learns: str
    terms: str
    evidence: str
    kinds: frozenset[str]
    hosts: frozenset[str]
    needs_key: bool
    pause: int
    request: Callable[[Query, str], Request]
    parse: Callable[[Heard, Query], Told]
    fresh: int = 7 * DAY


def read_json(heard: Heard) -> Any:
    """Return the JSON of an answer; None where the source knows nothing (404).

    Raises SourceError with the reason otherwise.
    """
    if heard.status == 404:
        return None
    if heard.status == 429:
        raise Paused(_pause(heard.headers.get("retry-after", "")))
    if heard.status in {401, 402, 403}:
        raise KeyRefused(f"The source refused us (HTTP {heard.status}).")
    if heard.status != 200:
        raise SourceError(f"The source answered with HTTP {heard.status}.")
    try:
        return json.loads(heard.body)
    except (ValueError, RecursionError) as error:
        raise SourceError("The answer is not the JSON that we know.") from error


def an_object(value: Any) -> dict[str, Any]:
    """Return an object of the answer; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def a_list(value: Any) -> list[Any]:
    """Return a list of the answer; an empty one for anything else."""
    return value if isinstance(value, list) else []


def words(value: Any) -> str:
    """Return a text of the answer, cut; "" for anything else."""
    return value[:MOST_WORDS] if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """Return the texts of a list."""
    return [each for each in a_list(value) if isinstance(each, str)]


def a_port(value: Any) -> int | None:
    """Return a port number; None for anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 1 <= value <= 65535 else None


def a_time(value: Any) -> datetime | None:
    """Return a time with a zone, UTC where none is said; None for anything else."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _pause(text: str) -> int:
    """Return the seconds of a Retry-After (RFC 9110, 10.2.3), within our bounds."""
    if text.isascii() and text.isdigit():
        seconds = int(text[:9])
    else:
        try:
            moment = email.utils.parsedate_to_datetime(text)
            seconds = int((moment - datetime.now(UTC)).total_seconds())
        except (TypeError, ValueError, OverflowError):
            seconds = 0
    return min(max(seconds, LEAST_PAUSE), LONGEST_PAUSE)
