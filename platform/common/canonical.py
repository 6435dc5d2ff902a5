"""One byte string for one JSON value, so that a hash over it means the value."""

import hashlib
from collections.abc import Collection

import rfc8785

from common.errors import DomainError

MAX_DEPTH = 64


class NotCanonical(DomainError, ValueError):
    """A value that has no canonical JSON form, with the place where it stands."""


def canonical_bytes(value: object) -> bytes:
    """Return the RFC 8785 form of a JSON value (dict, list, str, number, bool, None).

    Raises `NotCanonical` for what JSON cannot carry without loss: NaN and infinity,
    whole numbers beyond 2^53 - 1 (write them as text), lone surrogates, keys that
    are not text, other types, and nesting deeper than 64.
    """
    try:
        if not _is_deep(value):
            return rfc8785.dumps(value)  # type: ignore[arg-type]  # it refuses the rest
        reason = "it is nested too deep"
    except ValueError as error:
        reason = str(error)
    _check(value, place="value", depth=0)
    raise NotCanonical(f"The value has no canonical JSON form: {reason}.")


def canonical_sha256(value: object) -> str:
    """Return the SHA-256 over the canonical form: 64 hexadecimal digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def _is_deep(value: object, depth: int = 0) -> bool:
    if isinstance(value, dict):
        inside: Collection[object] = value.values()
    elif isinstance(value, list | tuple):
        inside = value
    else:
        return False
    if depth == MAX_DEPTH:
        return bool(inside)
    return any(_is_deep(each, depth + 1) for each in inside)


def _check(value: object, *, place: str, depth: int) -> None:
    """Say where it is: the library refuses the same, but does not know the place."""
    if depth > MAX_DEPTH:
        raise NotCanonical(f"The value is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise NotCanonical(f"At {place}, a key is not text.")
            _check_leaf(key, place=f"a key of {place}")
            _check(inner, place=f"{place}.{key}"[:200], depth=depth + 1)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _check(inner, place=f"{place}[{index}]"[:200], depth=depth + 1)
    else:
        _check_leaf(value, place=place)


def _check_leaf(value: object, *, place: str) -> None:
    if not (value is None or isinstance(value, str | bool | int | float)):
        kind = type(value).__name__
        raise NotCanonical(f"At {place}, a value of type {kind} is not JSON.")
    try:
        rfc8785.dumps(value)
    except rfc8785.IntegerDomainError as error:
        raise NotCanonical(
            f"At {place}, a whole number is too large for JSON; write it as text."
        ) from error
    except rfc8785.FloatDomainError as error:
        raise NotCanonical(f"At {place}, a number is not finite.") from error
    except rfc8785.CanonicalizationError as error:
        raise NotCanonical(f"At {place}, the text is not valid Unicode.") from error
