"""How long people have."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.logic.priority import Band
from workflows.logic.clocks import decide_by, latest_expiry

BERLIN = ZoneInfo("Europe/Berlin")
THURSDAY = datetime(2026, 3, 26, 9, tzinfo=BERLIN)  # clocks go forward on Sunday


@pytest.mark.parametrize(
    ("band", "due"),
    [
        ("immediate", datetime(2026, 3, 27, 9, tzinfo=BERLIN)),
        ("out_of_cycle", datetime(2026, 4, 2, 9, tzinfo=BERLIN)),
        ("scheduled", datetime(2026, 4, 16, 9, tzinfo=BERLIN)),
        ("defer", datetime(2026, 6, 18, 9, tzinfo=BERLIN)),
    ],
)
def test_it_counts_business_days_at_the_plant(band: str, due: datetime) -> None:
    assert decide_by(band, start=THURSDAY, zone=BERLIN) == due


def test_it_does_not_stop_for_the_weekend_when_it_is_urgent() -> None:
    friday = THURSDAY + timedelta(days=1)

    assert decide_by("immediate", start=friday, zone=BERLIN) == friday + timedelta(1)


@pytest.mark.parametrize(
    ("band", "days"),
    [("immediate", 30), ("out_of_cycle", 90), ("scheduled", 180), ("defer", 365)],
)
def test_it_bounds_how_long_an_acceptance_lasts(band: str, days: int) -> None:
    assert latest_expiry(band, start=THURSDAY) - THURSDAY == timedelta(days=days)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_it_gives_the_more_urgent_band_less_time(start: datetime) -> None:
    due = [decide_by(band, start=start, zone=BERLIN) for band in Band]

    assert due == sorted(due, reverse=True)
    assert due[-1] > start
