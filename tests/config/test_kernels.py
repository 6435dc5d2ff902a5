"""The web process loads the path engine by itself, and starts without it as well."""

import threading

import pytest

from config import kernels
from exposure.logic.paths import warm


def test_it_is_loaded_beside_whatever_the_process_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded_by: list[str] = []
    go_on = threading.Event()

    def load() -> None:
        assert go_on.wait(10)
        loaded_by.append(threading.current_thread().name)

    monkeypatch.setattr(warm, "warm", load)

    thread = kernels.load_in_background()
    before = list(loaded_by)
    go_on.set()
    thread.join(10)

    assert (before, loaded_by) == ([], ["kernels"])


def test_an_engine_that_cannot_be_loaded_is_written_down(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError

    monkeypatch.setattr(warm, "warm", fail)

    kernels.load_in_background().join(10)

    assert "could not be loaded" in caplog.text
