"""Accounts: people come to one by an invitation, whose link has proven their mailbox."""

import unicodedata

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from common.errors import Conflict, InvalidInput
from common.plain_text import reads_as_stored
from tenants.models import User
from tenants.services.tokens import GONE

MAX_NAME = 120


def mail_address(text: str) -> str:
    """Return an address in the one form we store; look-alikes are refused."""
    email = unicodedata.normalize("NFC", text.strip()).lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput("email", "This is no mail address.") from error
    if not email.isascii() or len(email) > 254:
        raise InvalidInput("email", "Write the address in plain letters.")
    return email


def name_or_none(text: str) -> str:
    """Return a person's name in one line, or nothing if it is not known."""
    name = " ".join(text.split())
    if len(name) > MAX_NAME or not reads_as_stored(name):
        raise InvalidInput("name", "The name is too long or holds a hidden character.")
    return name


@transaction.atomic
def open_account(email: str, *, name: str, password: str | None) -> User:
    """Make the account of an invited person, whose mailbox the link has proven.

    Who comes in through the company needs no password: None. Raises InvalidInput for a
    password or name that will not do, and Conflict for an address that has an account.
    """
    if User.objects.filter(email=email).exists():
        raise Conflict(GONE)
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME or not reads_as_stored(name):
        raise InvalidInput("name", f"Type your name, at most {MAX_NAME} characters.")
    if password is not None:
        _check_password(password, User(email=email, name=name))
    user = User.objects.create_user(email=email, name=name, password=password)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput("password", " ".join(error.messages)) from error


def end_sessions(user: User) -> int:
    """Sign a person out everywhere; return how many sessions ended."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)
