"""Reads the JSON of a request and refuses whatever two readers could read in two ways."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from tenants.api.problems import Refused

MOST_BYTES = 64 * 1024
DEEPEST = 8


class StrictJSON(BaseParser):
    """One object, in UTF-8, without doubled names, NaN or what no text column takes."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - the framework's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - see above
    ) -> dict[str, Any]:
        """Return the object; raises ParseError, or Refused for too much of it."""
        raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise Refused(413, f"At most {MOST_BYTES} bytes.")
        if not raw.strip():
            return {}
        try:
            value = json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=_object,
                parse_constant=_no_constant,
                parse_float=_finite,
            )
        except (ValueError, RecursionError) as error:
            raise ParseError(f"This is no JSON we take: {_said(error)}.") from error
        if not isinstance(value, dict):
            raise ParseError("Send one JSON object.")
        _check(value, depth=1)
        return value


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return str(error)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _check(value: object, *, depth: int) -> None:
    if depth > DEEPEST:
        raise ParseError("This is no JSON we take: it is nested too deeply.")
    if isinstance(value, dict):
        for name, inner in value.items():
            _check(name, depth=depth)
            _check(inner, depth=depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth=depth + 1)
    elif isinstance(value, str) and ("\0" in value or not _is_text(value)):
        raise ParseError(
            "This is no JSON we take: a text has characters that are none."
        )


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:  # half of a pair
        return False
    return True
