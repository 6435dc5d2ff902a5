"""What took long is worked out once, however many ask for it at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from common.kept import Kept, kept

ASKING = 8


def test_eight_who_ask_at_once_have_it_worked_out_once() -> None:
    answers: Kept[object] = Kept(2)
    begun, go_on = threading.Event(), threading.Event()
    made: list[object] = []

    def slowly() -> object:
        begun.set()
        assert go_on.wait(10)
        made.append(object())
        return made[-1]

    with ThreadPoolExecutor(ASKING) as people:
        asked = [people.submit(answers.get, "key", slowly) for _ in range(ASKING)]
        assert begun.wait(10)
        go_on.set()
        got = {id(each.result(10)) for each in asked}

    assert got == {id(made[0])}
    assert len(made) == 1


def test_another_key_does_not_wait() -> None:
    answers: Kept[str] = Kept(2)
    go_on = threading.Event()

    def slowly() -> str:
        assert go_on.wait(10)
        return "slow"

    with ThreadPoolExecutor(1) as somebody:
        slow = somebody.submit(answers.get, "slow", slowly)
        quick = answers.get("quick", lambda: "quick")
        go_on.set()

    assert (quick, slow.result()) == ("quick", "slow")


def test_who_waited_for_work_that_failed_tries_for_themselves() -> None:
    answers: Kept[str] = Kept(2)
    begun, go_on = threading.Event(), threading.Event()

    def badly() -> str:
        begun.set()
        assert go_on.wait(10)
        raise ValueError

    with ThreadPoolExecutor(2) as people:
        first = people.submit(answers.get, "key", badly)
        assert begun.wait(10)
        second = people.submit(answers.get, "key", lambda: "well")
        go_on.set()

    with pytest.raises(ValueError, match=r"^$"):
        first.result()
    assert second.result() == "well"


def test_no_more_are_kept_than_there_is_room_for() -> None:
    asked: list[str] = []

    @kept(2)
    def named(name: str) -> str:
        asked.append(name)
        return name

    for name in ("one", "two", "one", "three", "one", "two"):
        named(name)

    # "two" was the one that nobody had asked for lately when "three" came.
    assert asked == ["one", "two", "three", "two"]
