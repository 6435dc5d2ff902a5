"""Who may give whom what: nobody climbs by themselves, and somebody always leads."""

from collections.abc import Collection
from dataclasses import dataclass

from common.errors import NotAllowed

PROVIDER = frozenset({"analyst", "manager"})


@dataclass(frozen=True, slots=True)
class Place:
    """A person's place in a workspace, as far as these rules need it."""

    person: str
    role: str
    is_admin: bool = False

    @property
    def is_provider(self) -> bool:
        """Whether the person works for the provider."""
        return self.role in PROVIDER


def must_wait(by: Place, *, led: bool) -> bool:
    """Whether an invitation waits for an administrator of the customer.

    The provider may set a workspace up. From then on nobody gets in unless the customer
    says so: who could invite owners could sign for them.
    """
    return by.is_provider and led


def check_invite(by: Place, *, role: str, is_admin: bool, led: bool) -> None:
    """Raise NotAllowed unless `by` may offer this place; `led`: there is an administrator."""
    if role in PROVIDER:
        raise NotAllowed("The provider's people are let in for a time, not invited.")
    if is_admin and not (by.is_admin or (by.is_provider and not led)):
        raise NotAllowed("Only an administrator makes administrators.")


def stands(*, from_provider: bool, vouched: bool, led: bool) -> bool:
    """Whether an invitation that was sent can still be accepted.

    Somebody who administers now must vouch for it: who made or confirmed it. The
    provider's own word counts only while nobody administers the workspace.
    """
    return vouched or (from_provider and not led)


def may_withdraw(by: Place, *, from_provider: bool, vouched: bool) -> bool:
    """Whether `by` may take an invitation back: the provider the own ones only.

    What an administrator of the customer made or confirmed is the customer's.
    """
    return not by.is_provider or (from_provider and not vouched)


def may_end(by: Place, who: Place) -> bool:
    """Whether `by` may end the access of `who` of the provider.

    The customer's administrators may, and a manager of the provider that of an analyst.
    """
    of_analyst = by.role == "manager" and who.role == "analyst"
    return who.is_provider and (by.is_admin or of_analyst)


def check_change(
    by: Place, who: Place, *, admins: Collection[str], stays: bool
) -> None:
    """Raise NotAllowed unless `by` may change or remove `who`.

    `admins` are the persons who administer now, `stays` whether `who` will be one of
    them afterwards.
    """
    if by.person == who.person:
        raise NotAllowed("Nobody changes the own place. Another administrator can.")
    if who.is_provider:
        raise NotAllowed("Access of the provider is ended, not changed.")
    if by.is_provider and admins:
        raise NotAllowed("The customer's administrators decide about their people.")
    if not stays:
        check_led(who, admins=admins)


def check_led(who: Place, *, admins: Collection[str]) -> None:
    """Raise NotAllowed when the last administrator would be gone."""
    if set(admins) == {who.person}:
        raise NotAllowed("This is the last administrator. Make another one before.")
