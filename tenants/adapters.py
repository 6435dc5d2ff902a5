"""What the sign-in library may do here: people are invited, they never sign up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Closes the sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the library's signature
        """Return False: accounts come from invitations."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Do nothing: people are known by their address."""
