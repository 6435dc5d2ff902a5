"""Which checks a run used, and whether graver ones have come since."""

from collections.abc import Iterable, Mapping

from exposure.logic.checks import CHECKS, WeaknessCheck


def versions(checks: Iterable[WeaknessCheck] = CHECKS) -> dict[str, int]:
    """Return the version of every check by its id."""
    return {check.id: check.version for check in checks}


def new_critical(
    used: Mapping[str, int], checks: Iterable[WeaknessCheck] = CHECKS
) -> list[str]:
    """Return the ids of checks that would hand over control and were not `used`.

    A higher version of a check is a new check: it may say something else.
    """
    return sorted(
        check.id
        for check in checks
        if check.gives == "control" and check.version > used.get(check.id, 0)
    )
