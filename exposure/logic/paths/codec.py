"""From plain JSON values back to the frozen dataclasses they were written from."""

import functools
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import MappingProxyType

from common.errors import DomainError

LATER = MappingProxyType({"later": True})
"""Metadata of a field with a default that earlier versions did not write."""

SELDOM = MappingProxyType({"later": True, "seldom": True})
"""Metadata of a `LATER` field that is written only where it differs from its default.

What has none of it keeps the bytes, and the hash, that it had before.
"""


class NotReadable(DomainError, ValueError):
    """Stored text that is not what it should be, with the place that does not fit."""


T = typing.TypeVar("T")


def rebuild(kind: type[T], value: object) -> T:
    """Return `value` as an instance of the dataclass `kind`, checking every type.

    A field marked `LATER` may be missing and has its default then.
    Whole numbers are accepted where a float is meant, because JSON does not tell
    them apart. Raises `NotReadable` naming the first field that does not fit.
    """
    return typing.cast("T", _as(kind, value, place=kind.__name__))


def read(kind: type[T], text: bytes | str) -> T:
    """Return the dataclass that was written as JSON. Raises `NotReadable`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotReadable(f"The stored {kind.__name__} is not JSON.") from error
    return rebuild(kind, value)


def _as(kind: object, value: object, *, place: str) -> object:
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, value, place=place)
    if typing.get_origin(kind) is tuple:
        return _tuple(typing.get_args(kind)[0], value, place=place)
    if typing.get_origin(kind) is types.UnionType:
        inner = typing.get_args(kind)[0]
        return None if value is None else _as(inner, value, place=place)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _word(kind, value, place=place)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise NotReadable(f"{place} is not of the expected type.")
    return value


def _word(kind: type[StrEnum], value: object, *, place: str) -> StrEnum:
    if not isinstance(value, str) or value not in set(kind):
        raise NotReadable(f"{place} is not one of {', '.join(kind)}.")
    return kind(value)


def _dataclass(kind: type, value: object, *, place: str) -> object:
    hints, needed = _shape(kind)
    if not isinstance(value, Mapping) or not needed <= set(value) <= set(hints):
        raise NotReadable(f"{place} does not have exactly the expected fields.")
    return kind(
        **{
            name: _as(hint, value[name], place=f"{place}.{name}")
            for name, hint in hints.items()
            if name in value
        }
    )


@functools.cache
def _shape(kind: type) -> tuple[dict[str, object], frozenset[str]]:
    """Return the type of each field, and the fields that must be there."""
    hints = typing.get_type_hints(kind)
    needed = (row.name for row in fields(kind) if "later" not in row.metadata)
    return {row.name: hints[row.name] for row in fields(kind)}, frozenset(needed)


def _tuple(kind: object, value: object, *, place: str) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise NotReadable(f"{place} is not a list.")
    return tuple(
        _as(kind, item, place=f"{place}[{index}]") for index, item in enumerate(value)
    )
