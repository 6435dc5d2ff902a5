"""What an identity provider says of somebody who signed in there, and what is believed."""

import datetime as dt
from dataclasses import dataclass

from common.errors import DomainError

# Clocks of two machines differ.
SKEW = dt.timedelta(seconds=60)
MAX_SUBJECT = 255
MAX_MAIL = 254
# How providers say that they asked for more than one factor (amr of RFC 8176, acr, and
# the authentication contexts of SAML).
SEVERAL_FACTORS = frozenset(
    {
        "mfa",
        "phr",
        "phrh",
        "https://refeds.org/profile/mfa",
        "http://schemas.microsoft.com/claims/multipleauthn",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
    }
)


class NotBelieved(DomainError):
    """What came from the identity provider does not prove who somebody is.

    The message is for the ledger and the log. People see one sentence for all of them.
    """


@dataclass(frozen=True, slots=True)
class Arrival:
    """One person as the provider names them; `at` is None if it does not say when."""

    subject: str
    email: str
    email_is_verified: bool | None
    name: str
    at: dt.datetime | None
    contexts: frozenset[str]
    message_id: str

    @property
    def claims_second_factor(self) -> bool:
        """Whether the provider says that it asked for more than one factor."""
        return not self.contexts.isdisjoint(SEVERAL_FACTORS)


def check_subject(subject: object) -> str:
    """Return the subject; raise NotBelieved for what could be read as another one."""
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise NotBelieved("The subject is missing or too long.")
    if not subject.isprintable() or subject != subject.strip():
        raise NotBelieved("The subject holds a hidden character.")
    return subject


def plain_mail(value: object) -> str:
    """Return an address in the one form that accounts have, or "" for any other thing.

    >>> plain_mail("Ida@Northmill.example"), plain_mail("id\u0430@northmill.example")
    ('ida@northmill.example', '')
    """
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        return ""
    mail = value.strip().lower()
    return mail if mail.count("@") == 1 and len(mail) <= MAX_MAIL else ""


def check_asked_again(arrival: Arrival, *, asked_at: dt.datetime) -> None:
    """Raise NotBelieved unless the provider asked the person since `asked_at`."""
    if arrival.at is None:
        raise NotBelieved("The provider does not say when it asked for the password.")
    if arrival.at < asked_at - SKEW:
        raise NotBelieved("The provider did not ask for the password again.")
