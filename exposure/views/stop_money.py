"""What it costs that lines stand still: shown beside hours, never calculated into units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exposure.logic.paths.snapshot import LineRow

Rates = Mapping[str, float]
"""Euro for an hour of stop, by the id of the line; only those that somebody said."""


@dataclass(frozen=True, slots=True)
class StopRow:
    """One line that stands still; `euro` is what that costs, None if nobody said."""

    line: str
    hours: float
    euro: float | None = None


def rates_of(lines: Iterable[LineRow]) -> dict[str, float]:
    """Return the rates of lines as a picture of the plant has them."""
    said = {row.id: float(row.hourly_cost or 0) for row in lines}
    return {line: rate for line, rate in said.items() if rate > 0}


def stop_rows(
    downtime: Mapping[str, float], *, names: Mapping[str, str], rates: Rates
) -> list[StopRow]:
    """Return the lines of `downtime` (hours by id) that have a name, sorted by it."""
    rows = [
        StopRow(names[line], hours, euro_of(line, hours, rates))
        for line, hours in downtime.items()
        if line in names
    ]
    return sorted(rows, key=lambda row: row.line)


def euro_of(line: str, hours: float, rates: Rates) -> float | None:
    """Return what hours of stop of one line cost; None if nobody said the rate."""
    return hours * rates[line] if line in rates else None
