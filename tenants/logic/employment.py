"""Who decides who works for a provider: administrators, about everybody but themselves."""

from collections.abc import Collection

from common.errors import NotAllowed
from tenants.logic.ladder import Place, check_led

ADMIN, MANAGER, ANALYST = "admin", "manager", "analyst"
ROLES = frozenset({ADMIN, MANAGER, ANALYST})
# What each may be, at most, inside a customer's workspace.
LEVELS = {
    ANALYST: frozenset({ANALYST}),
    MANAGER: frozenset({ANALYST, MANAGER}),
    ADMIN: frozenset({ANALYST, MANAGER}),
}


def check_employ(by: Place) -> None:
    """Raise NotAllowed unless `by` may offer posts.

    Managers open access to customers; so they do not also decide who works here. And
    nobody stands above an administrator, so nobody makes anybody more than they are.
    """
    if by.role != ADMIN:
        raise NotAllowed(
            "Only an administrator of the provider decides who works here."
        )


def check_change(by: Place, who: Place, *, role: str, admins: Collection[str]) -> None:
    """Raise NotAllowed unless `by` may give `who` another role; "" ends the employment.

    `admins` are the persons who administer the provider now.
    """
    check_employ(by)
    if by.person == who.person:
        raise NotAllowed(
            "Nobody changes the own employment. Another administrator can."
        )
    if role != ADMIN:
        check_led(who, admins=admins)


def is_cut(place: str, *, role: str) -> bool:
    """Whether a place at a customer is above what the role may be there."""
    return place not in LEVELS[role]
