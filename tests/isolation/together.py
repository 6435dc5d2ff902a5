"""Walks many addresses in one test: what they need is made once, and put back each time."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

AT_ONCE = 20
Test = Callable[..., None]


def together(values: Sequence[Any], *, name: str = "address") -> Callable[[Test], Test]:
    """Run a test for each value, twenty values to a test; each finds everything as it was.

    Making two customers costs more than most of what is asked about them. A failure says
    which value it is about.
    """
    parts = [values[at : at + AT_ONCE] for at in range(0, len(values), AT_ONCE)]

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def walk(*, part: Sequence[Any], **fixtures: Any) -> None:
            for value in part:
                cache.clear()
                try:
                    with transaction.atomic():
                        test(**{name: value}, **fixtures)
                        transaction.set_rollback(True)
                except BaseException as error:
                    error.add_note(f"{name}: {value}")
                    raise

        own = inspect.signature(test).parameters
        wanted = ["part", *(each for each in own if each != name)]
        walk.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what pytest reads
            [inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY) for each in wanted]
        )
        ids = [str(part[0]) for part in parts]
        return pytest.mark.parametrize("part", parts, ids=ids)(walk)

    return decorate
