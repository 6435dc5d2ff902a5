"""A sweep process holds still when it does not hear from its parent."""

import os

import pytest

from exposure.collectors import sweeper as module
from exposure.collectors import wire
from exposure.collectors.sweeper import Sweeper
from exposure.collectors.wire import Inbox, Up, frame_down
from tests.exposure.collectors.knocking import FREE, HOME, Anywhere, closed_port, host


class Line:
    """A sweep process in this one, with its two pipes and a clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Connect, and say how to begin."""
        orders, self.down = os.pipe()
        self.up, reports = os.pipe()
        self.ends = (orders, self.down, self.up, reports)
        for end in self.ends:
            os.set_blocking(end, False)
        self.now = 100.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)
        self.inbox = Inbox(self.up)
        self.fence = Anywhere()
        self.sweeper = Sweeper(orders, reports)
        self.say(frame_down(wire.Begin(1, self.fence, FREE)))

    def say(self, data: bytes) -> None:
        """Send down, and let it listen."""
        os.write(self.down, data)
        self.sweeper._listen()

    def turn(self) -> list[Up]:
        """Let it do one turn; return the kinds of what it said."""
        self.sweeper.turn()
        self.inbox.fill()
        return [kind for kind, _ in self.inbox.frames()]

    def close(self) -> None:
        """Hang up."""
        assert self.sweeper._engine is not None
        self.sweeper._engine.close()
        for end in self.ends:
            os.close(end)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> "Line":
    """A line to a sweep process."""
    made = Line(monkeypatch)
    yield made
    made.close()


def test_it_opens_nothing_while_it_hears_nothing(line: Line) -> None:
    # Orders alone do not mean that it may begin.
    line.say(frame_down(wire.AddHost(1, host(HOME, closed_port()))))
    assert line.turn() == []

    line.say(wire.SIGN_OF_LIFE)
    assert line.turn() == [Up.EVENTS, Up.WORDS, Up.ENDED]

    line.say(frame_down(wire.AddHost(2, host(HOME, closed_port()))))
    line.now += 1.1
    assert Up.EVENTS not in line.turn()


def test_it_opens_nothing_while_nobody_takes_its_reports(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_UNREAD", 10)
    line.say(frame_down(wire.AddHost(1, host(HOME, *range(1, 2000)))))
    line.say(wire.SIGN_OF_LIFE)
    line.sweeper._outbox.put(bytes(200_000))

    line.sweeper.turn()

    assert line.sweeper._engine is not None
    assert line.sweeper._engine.events == []


def test_it_says_now_and_then_that_it_lives(line: Line) -> None:
    line.now += 1.5

    assert line.turn() == [Up.ALIVE]
