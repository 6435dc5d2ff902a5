"""Keeps what took long to work out: one thread does it, whoever asks meanwhile waits."""

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class _Place(Generic[T]):
    """Where an answer will be; it stays empty when the work failed."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.found: list[T] = []


class Kept(Generic[T]):
    """At most `size` finished answers of one process, those asked for last.

    Work that fails is not kept: whoever waited for it tries for themselves.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._turn = threading.Lock()
        self._places: OrderedDict[Any, _Place[T]] = OrderedDict()

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """Return what is kept for a key, or what `make` returns, once for all threads.

        `make` must not ask for the same key again.
        """
        while True:
            place, is_mine = self._place(key)
            if is_mine:
                return self._fill(key, place, make)
            place.over.wait()
            if place.found:
                return place.found[0]

    def _place(self, key: Any) -> tuple[_Place[T], bool]:
        with self._turn:
            place = self._places.get(key)
            if place is None:
                place = self._places[key] = _Place()
                return place, True
            self._places.move_to_end(key)
            return place, False

    def _fill(self, key: Any, place: _Place[T], make: Callable[[], T]) -> T:
        try:
            place.found.append(make())
        except BaseException:
            with self._turn:
                del self._places[key]
            raise
        finally:
            place.over.set()
        self._forget()
        return place.found[0]

    def _forget(self) -> None:
        with self._turn:
            over = [key for key, each in self._places.items() if each.over.is_set()]
            for key in over[: max(0, len(over) - self._size)]:
                del self._places[key]


def kept(size: int) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Keep what a function returns, by its arguments, which must be hashable."""

    def keep(work: Callable[..., T]) -> Callable[..., T]:
        answers: Kept[T] = Kept(size)

        @functools.wraps(work)
        def ask(*key: Any) -> T:
            return answers.get(key, lambda: work(*key))

        return ask

    return keep
