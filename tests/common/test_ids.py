"""Identifiers that sort by time."""

import time
import uuid

from common.ids import uuid7


def test_it_is_a_uuid_of_version_7():
    made = uuid7()

    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_it_carries_the_moment(monkeypatch):
    moment = 0x017F22E279B0 * 1_000_000 + 500_000  # RFC 9562, appendix A.6
    monkeypatch.setattr(time, "time_ns", lambda: moment)

    made = uuid7()

    assert str(made).startswith("017f22e2-79b0-7800-")


def test_later_ones_sort_later(monkeypatch):
    moments = iter(range(0, 100 * 250, 250))
    monkeypatch.setattr(time, "time_ns", lambda: next(moments))

    made = [uuid7() for _ in range(100)]

    assert made == sorted(made)
    assert len(set(made)) == 100
