"""What a browser sends of a passkey: bounded, and refused in words when it is none."""

import contextlib
import struct
from collections.abc import Iterator
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as library
from django import forms

MOST = 64 * 1024  # characters; a credential with its attestation has about 2 000

# What the library's readers of CBOR and of keys raise, halfway through nonsense.
UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    struct.error,
)


class CredentialField(forms.JSONField):
    """JSON that may come from anybody: not endless, not deep, no endless numbers."""

    def to_python(self, value: Any) -> Any:
        """Return what was sent; raises ValidationError for everything unreadable."""
        if isinstance(value, str) and len(value) > MOST:
            raise get_adapter().validation_error("incorrect_code")
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise get_adapter().validation_error("incorrect_code") from error


def _credential() -> CredentialField:
    return CredentialField(required=True, widget=forms.HiddenInput)


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Turn whatever the library stumbles over into a mistake of the form."""
    try:
        yield
    except UNREADABLE as error:
        raise get_adapter().validation_error("incorrect_code") from error


class AddPasskey(library.AddWebAuthnForm):  # type: ignore[misc]  # the library has no types
    """Adds a passkey."""

    credential = _credential()

    def clean(self) -> dict[str, Any]:
        """Return what was sent, if the library could read all of it."""
        with _in_words():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class Shown:
    """For the library's forms in which a passkey is shown; the first needs no account."""

    def clean_credential(self) -> Authenticator:
        """Return the passkey, if the library could read what it said."""
        with _in_words():
            return super().clean_credential()  # type: ignore[misc]  # of the library's form


class ShowPasskey(Shown, library.AuthenticateWebAuthnForm):  # type: ignore[misc]  # see above
    """The second step of signing in."""

    credential = _credential()


class SignInWithPasskey(Shown, library.LoginWebAuthnForm):  # type: ignore[misc]  # see above
    """A passkey alone."""

    credential = _credential()


class ConfirmWithPasskey(Shown, library.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # see above
    """Confirming that it is still the same person."""

    credential = _credential()
