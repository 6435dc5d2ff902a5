"""Reads a SAML assertion whose signature was checked, stricter than its library.

The library lets through what is missing: an assertion without audience, recipient or
the question that it answers. Here each must be there and be ours. Nothing is read from
outside of the signed element.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml.etree import _Element

from tenants.logic.arrivals import (
    SKEW,
    Arrival,
    NotBelieved,
    check_subject,
    plain_mail,
)

NAMES = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
MAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00)")
MAIL = (
    "email",
    "mail",
    "emailaddress",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
)
NAME = (
    "displayname",
    "name",
    "http://schemas.microsoft.com/identity/claims/displayname",
    "urn:oid:2.16.840.1.113730.3.1.241",
)
MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom the assertion must have been made by and for."""

    issuer: str
    audience: str
    recipient: str
    in_response_to: str


def read_assertion(
    assertion: _Element, *, expected: Addressed, now: dt.datetime
) -> Arrival:
    """Return who signed in; raises NotBelieved."""
    if _text(assertion, "./saml:Issuer") != expected.issuer:
        raise NotBelieved("The assertion is of another issuer.")
    _check_audience(assertion, expected, now)
    _check_bearer(assertion, expected, now)
    name_id = _one(assertion, "./saml:Subject/saml:NameID")
    if name_id.get("Format") == TRANSIENT:
        raise NotBelieved("The provider names people anew each time (transient).")
    statement = _one(assertion, "./saml:AuthnStatement")
    at = _moment(statement.get("AuthnInstant"))
    if at > now + SKEW:
        raise NotBelieved("The provider asked for the password in the future.")
    subject = check_subject(_whole_text(name_id))
    mail = _attribute(assertion, MAIL)
    if not mail and name_id.get("Format") == MAIL_FORMAT:
        mail = subject
    return Arrival(
        subject=subject,
        email=plain_mail(mail),
        email_is_verified=None,
        name=" ".join(_attribute(assertion, NAME).split())[:MAX_NAME],
        at=at,
        contexts=frozenset(
            _whole_text(each)
            for each in _all(statement, "./saml:AuthnContext/saml:AuthnContextClassRef")
        ),
        message_id=assertion.get("ID", ""),
    )


def _check_audience(assertion: _Element, expected: Addressed, now: dt.datetime) -> None:
    conditions = _one(assertion, "./saml:Conditions")
    if not _is_current(conditions, now):
        raise NotBelieved("The assertion has expired, or is not valid yet.")
    restrictions = _all(conditions, "./saml:AudienceRestriction")
    if not restrictions:
        raise NotBelieved("The assertion does not say whom it is for.")
    for each in restrictions:
        audiences = [_whole_text(one) for one in _all(each, "./saml:Audience")]
        if expected.audience not in audiences:
            raise NotBelieved("The assertion is for somebody else (audience).")


def _check_bearer(assertion: _Element, expected: Addressed, now: dt.datetime) -> None:
    for each in _all(assertion, "./saml:Subject/saml:SubjectConfirmation"):
        data = _all(each, "./saml:SubjectConfirmationData")
        if each.get("Method") != BEARER or len(data) != 1:
            continue
        if (
            data[0].get("Recipient") == expected.recipient
            and data[0].get("InResponseTo") == expected.in_response_to
            and data[0].get("NotOnOrAfter") is not None
            and data[0].get("NotBefore") is None
            and _is_current(data[0], now)
        ):
            return
    raise NotBelieved("The assertion was not made for this sign-in (recipient).")


def _is_current(element: _Element, now: dt.datetime) -> bool:
    begin, end = element.get("NotBefore"), element.get("NotOnOrAfter")
    if end is None or now >= _moment(end) + SKEW:
        return False
    return begin is None or now >= _moment(begin) - SKEW


def _moment(text: str | None) -> dt.datetime:
    if text is None or not MOMENT.fullmatch(text):
        raise NotBelieved("A time of the assertion cannot be read.")
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise NotBelieved("A time of the assertion cannot be read.") from error


def _attribute(assertion: _Element, names: Sequence[str]) -> str:
    """Return the only value of the first attribute with one of the names, or ""."""
    for each in _all(assertion, "./saml:AttributeStatement/saml:Attribute"):
        if each.get("Name", "").lower() in names:
            values = _all(each, "./saml:AttributeValue")
            if len(values) == 1:
                return _whole_text(values[0])
    return ""


def _all(element: _Element, path: str) -> list[_Element]:
    return list(element.iterfind(path, namespaces=NAMES))


def _one(element: _Element, path: str) -> _Element:
    found = _all(element, path)
    if len(found) != 1:
        raise NotBelieved("The assertion lacks a part, or has one twice.")
    return found[0]


def _text(element: _Element, path: str) -> str:
    return _whole_text(_one(element, path))


def _whole_text(element: _Element) -> str:
    """Return all of a text: what stands after a comment inside of it belongs to it."""
    return "".join(element.itertext()).strip()
