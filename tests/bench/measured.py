"""Medians and tails of what was measured, and the pages they are measured on."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def timed(act: Callable[[], Any]) -> float:
    """Return the milliseconds that something takes."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def p50_p95(times: Sequence[float]) -> tuple[float, float]:
    """Return the median and the time that 95 of 100 stay below."""
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return statistics.median(times), cuts[-1]


def queries_of(browser: Client, path: str) -> list[str]:
    """Return the statements of one page, without the ends of its transaction."""
    with CaptureQueriesContext(connection) as context:
        assert browser.get(path).status_code == 200
    ends = ("BEGIN", "COMMIT")
    return [row["sql"] for row in context.captured_queries if row["sql"] not in ends]


def load() -> str:
    """Return how busy the machine is, for beside the figures."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
