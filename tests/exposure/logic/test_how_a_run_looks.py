"""Profiles, the level rule for workers inside, grown sets of checks, and differences."""

from dataclasses import replace

import pytest

from exposure.logic.check_sets import new_critical, versions
from exposure.logic.checks import CHECKS
from exposure.logic.drift import Change, Seen, differences
from exposure.logic.profiles import (
    GENTLE,
    IDENTIFY_ONLY,
    NORMAL,
    PROFILES,
    profile_named,
)
from exposure.logic.vantage_rules import Mode, mode_of, narrower

CRITICAL = next(check for check in CHECKS if check.gives == "control")
HARMLESS = next(check for check in CHECKS if check.gives == "nothing")


def test_a_gentle_run_does_less_of_everything() -> None:
    assert GENTLE.packets_per_second < NORMAL.packets_per_second
    assert GENTLE.per_host < NORMAL.per_host
    assert GENTLE.half_open < NORMAL.half_open
    assert GENTLE.hosts_at_once < NORMAL.hosts_at_once
    assert set(GENTLE.ports) < set(NORMAL.ports)
    assert not GENTLE.udp
    assert not IDENTIFY_ONLY.sweeps
    assert IDENTIFY_ONLY.words().startswith("known ports only")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda each: each.name)
@pytest.mark.parametrize("allowed", [1, 30, 10_000])
def test_the_authorisation_stays_the_upper_bound(profile: object, allowed: int) -> None:
    assert profile.rate_within(allowed) <= allowed  # type: ignore[attr-defined]  # a Profile


def test_a_profile_of_old_is_as_careful_as_can_be() -> None:
    assert profile_named("furious") is IDENTIFY_ONLY
    assert profile_named("gentle") is GENTLE


@pytest.mark.parametrize("target", [None, 0, 1, 2, 3, 3.5, 4, 5])
def test_from_the_internet_all_may_be_tried(target: float | None) -> None:
    assert mode_of(None, target, more_allowed=False) is Mode.FULL


@pytest.mark.parametrize("vantage", [0, 2, 3, 3.5, 4, 5])
@pytest.mark.parametrize(
    ("target", "mode"),
    [
        (None, Mode.LISTEN_ONLY),
        (0, Mode.LISTEN_ONLY),
        (2, Mode.LISTEN_ONLY),
        (3, Mode.LISTEN_ONLY),
        (3.5, Mode.IDENTIFY_ONLY),
        (5, Mode.IDENTIFY_ONLY),
    ],
)
def test_from_inside_only_what_is_signed_goes_further(
    vantage: float, target: float | None, mode: Mode
) -> None:
    assert mode_of(vantage, target, more_allowed=False) is mode
    assert mode_of(vantage, target, more_allowed=True) is Mode.FULL


def test_the_narrower_of_two_rules_holds() -> None:
    assert narrower(Mode.FULL, Mode.IDENTIFY_ONLY) is Mode.IDENTIFY_ONLY
    assert narrower(Mode.LISTEN_ONLY, Mode.FULL) is Mode.LISTEN_ONLY


def test_only_a_new_critical_check_counts_as_one() -> None:
    used = versions()
    newer = replace(CRITICAL, version=CRITICAL.version + 1)
    fresh = replace(CRITICAL, id="brand-new", version=1)
    mild = replace(HARMLESS, version=HARMLESS.version + 1)

    assert new_critical(used) == []
    assert new_critical(used, [newer, fresh, mild]) == ["brand-new", CRITICAL.id]
    assert new_critical({}, [HARMLESS]) == []


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ({"version": "2.8"}, {"version": "2.9"}, [Change.VERSION]),
        ({"product": "A"}, {}, [Change.PRODUCT]),
        ({"issuer": "CN=a"}, {"issuer": "CN=b"}, [Change.CERTIFICATE]),
        ({"names": ["a", "b"]}, {"names": ["b", "a"]}, []),
        ({"protection_level": 3}, {"protection_level": 1}, [Change.ACCESS]),
        ({}, {"anomaly": "It repeats what it is told."}, [Change.ANOMALY]),
        # What moves by itself is no change.
        ({"body_sha256": "a", "status": 200}, {"body_sha256": "b", "status": 500}, []),
        (
            {"product": "A", "version": "1"},
            {"product": "B", "version": "2"},
            [Change.PRODUCT, Change.VERSION],
        ),
    ],
)
def test_what_differs_is_told_by_kind(
    before: dict[str, object], after: dict[str, object], kinds: list[Change]
) -> None:
    found = differences(Seen(before, "L1"), Seen(after, "L1"))

    assert [each.kind for each in found] == kinds


def test_more_access_shows_as_another_level() -> None:
    [change] = differences(Seen({}, "L1"), Seen({}, "L3"))

    assert (change.kind, change.before, change.after) == (Change.LEVEL, "L1", "L3")
