"""From plain JSON values back to the frozen dataclasses they were written from."""

import functools
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum

from common.errors import DomainError


class NotReadable(DomainError, ValueError):
    """Stored text that is not what it should be, with the place that does not fit."""


T = typing.TypeVar("T")


def rebuild(kind: type[T], value: object) -> T:
    """Return `value` as an instance of the dataclass `kind`, checking every type.

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
    names = [field.name for field in fields(kind)]
    if not isinstance(value, Mapping) or set(value) != set(names):
        raise NotReadable(f"{place} does not have exactly the expected fields.")
    hints = _hints(kind)
    return kind(
        **{
            name: _as(hints[name], value[name], place=f"{place}.{name}")
            for name in names
        }
    )


@functools.cache
def _hints(kind: type) -> dict[str, object]:
    return typing.get_type_hints(kind)


def _tuple(kind: object, value: object, *, place: str) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise NotReadable(f"{place} is not a list.")
    return tuple(
        _as(kind, item, place=f"{place}[{index}]") for index, item in enumerate(value)
    )
