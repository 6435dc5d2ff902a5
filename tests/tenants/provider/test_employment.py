"""The rules of who works for a provider, without anybody who does."""

import pytest

from common.errors import NotAllowed
from tenants.logic import employment
from tenants.logic.ladder import Place


@pytest.mark.parametrize("role", ["manager", "analyst"])
def test_only_administrators_decide_who_works_here(role: str) -> None:
    with pytest.raises(NotAllowed, match="Only an administrator"):
        employment.check_employ(Place("mia", role))
    with pytest.raises(NotAllowed, match="Only an administrator"):
        employment.check_change(
            Place("mia", role), Place("ana", "analyst"), role="", admins=["petra"]
        )


@pytest.mark.parametrize("role", ["", "analyst", "admin"])
def test_nobody_changes_the_own_employment(role: str) -> None:
    petra = Place("petra", "admin")

    with pytest.raises(NotAllowed, match="the own employment"):
        employment.check_change(petra, petra, role=role, admins=["petra", "paul"])


def test_the_last_administrator_stays() -> None:
    petra, ghost = Place("petra", "admin"), Place("ghost", "admin")

    with pytest.raises(NotAllowed, match="last administrator"):
        employment.check_change(ghost, petra, role="manager", admins=["petra"])
    employment.check_change(ghost, petra, role="admin", admins=["petra"])


@pytest.mark.parametrize(
    ("place", "role", "cut"),
    [
        ("manager", "analyst", True),
        ("analyst", "analyst", False),
        ("manager", "manager", False),
        ("manager", "admin", False),
        ("owner", "admin", True),
    ],
)
def test_access_is_at_most_the_own_level(place: str, role: str, *, cut: bool) -> None:
    assert employment.is_cut(place, role=role) is cut
