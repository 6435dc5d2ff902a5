"""SAML assertions that were forged, moved, replayed or made for others; rows 29 and 37."""

import base64
import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from lxml import etree

from tenants.models import IdentityProvider, User
from tests.sign_in.company import begin, linked, refused, send
from tests.sign_in.conftest import inside
from tests.sign_in.saml_partner import NAMES, Question, SamlPartner, at, encode
from tests.sign_in.wrapping import MOVES, Element, Move, wrapped

WRONG = {
    "for another audience": {"audience": "https://other.example"},
    "for a longer audience": {"audience": "{audience}x"},
    "for another recipient": {"recipient": "https://other.example/acs/"},
    "for a recipient that holds ours": {"recipient": "{recipient}?x=1"},
    "for another question": {"question": "_of-somebody-else"},
    "of another issuer": {"issuer": "https://other.example"},
    "expired": {"end": at(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))},
    "not valid yet": {"begin": at(dt.datetime(2099, 1, 1, tzinfo=dt.UTC))},
    "with a time that is none": {"end": "2099-13-77T00:00:00Z"},
    "asked in the future": {"instant": at(dt.datetime(2099, 1, 1, tzinfo=dt.UTC))},
    "about nobody": {"name_id": ""},
    "about somebody for a moment": {
        "format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    },
    "about an endless name": {"name_id": "x" * 10_000},
}


@pytest.mark.parametrize("values", WRONG.values(), ids=WRONG.keys())
def test_an_assertion_is_refused(
    values: dict[str, str],
    asked: tuple[Client, Question],
    adfs: IdentityProvider,
    idp: SamlPartner,
) -> None:
    browser, question = asked
    ours = {"audience": question.issuer, "recipient": question.acs}
    filled = {name: text.format(**ours) for name, text in values.items()}

    refused(browser, send(browser, adfs, idp.answer(question, **filled)))


def without(path: str) -> Callable[[Element], Element]:
    def change(assertion: Element) -> Element:
        for each in assertion.iterfind(path, namespaces=NAMES):
            each.getparent().remove(each)
        return assertion

    return change


def lacking(path: str, name: str) -> Callable[[Element], Element]:
    def change(assertion: Element) -> Element:
        del assertion.find(path, namespaces=NAMES).attrib[name]
        return assertion

    return change


DATA = "saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData"


@pytest.mark.parametrize(
    "change",
    [
        without("saml:Conditions/saml:AudienceRestriction"),
        without("saml:Conditions"),
        without("saml:Subject/saml:SubjectConfirmation"),
        without("saml:Subject"),
        without("saml:AuthnStatement"),
        lacking(DATA, "Recipient"),
        lacking(DATA, "InResponseTo"),
        lacking(DATA, "NotOnOrAfter"),
    ],
)
def test_what_is_missing_is_not_taken_as_said(
    change: Callable[[Element], Element],
    asked: tuple[Client, Question],
    adfs: IdentityProvider,
    idp: SamlPartner,
) -> None:
    """The library lets most of these through."""
    browser, question = asked

    refused(browser, send(browser, adfs, idp.answer(question, change=change)))


def test_an_unsigned_assertion_is_refused(
    asked: tuple[Client, Question], adfs: IdentityProvider, idp: SamlPartner
) -> None:
    """Row 37: unsigned."""
    browser, question = asked

    refused(browser, send(browser, adfs, idp.answer(question, sign=False)))


def test_a_signature_around_the_assertion_is_not_enough(
    asked: tuple[Client, Question], adfs: IdentityProvider, idp: SamlPartner
) -> None:
    browser, question = asked
    response = idp.answer(question, sign=False, bend=idp.signed)

    refused(browser, send(browser, adfs, response))


def test_the_signature_of_somebody_else_is_refused(
    asked: tuple[Client, Question], adfs: IdentityProvider
) -> None:
    browser, question = asked

    refused(browser, send(browser, adfs, SamlPartner().answer(question)))


def test_a_changed_assertion_is_refused(
    asked: tuple[Client, Question], adfs: IdentityProvider, idp: SamlPartner
) -> None:
    browser, question = asked

    def bend(response: Element) -> Element:
        response.find(".//saml:NameID", namespaces=NAMES).text = "ida-1"
        return response

    refused(browser, send(browser, adfs, idp.answer(question, bend=bend)))


@pytest.mark.parametrize("same_id", [True, False])
@pytest.mark.parametrize("move", MOVES)
def test_a_wrapped_signature_signs_nobody_in(
    move: Move,
    same_id: object,
    asked: tuple[Client, Question],
    adfs: IdentityProvider,
    idp: SamlPartner,
    ida: User,
) -> None:
    """Row 37: signature wrapping (XSW)."""
    browser, question = asked
    linked(adfs, ida, "ida-1")
    bend = wrapped(move, same_id=bool(same_id))

    refused(browser, send(browser, adfs, idp.answer(question, bend=bend)))


def test_an_assertion_works_once(
    asked: tuple[Client, Question], adfs: IdentityProvider, idp: SamlPartner
) -> None:
    """Row 37: replay, in the same browser, in another one and with a new question."""
    browser, question = asked
    response = idp.answer(question)
    assert send(browser, adfs, response).status_code == 302

    other = Client()
    refused(other, send(other, adfs, response))
    begin(other, adfs)
    refused(other, send(other, adfs, response))
    assert send(browser, adfs, response).status_code == 403


def test_an_assertion_of_another_question_is_no_answer_to_this_one(
    asked: tuple[Client, Question], adfs: IdentityProvider, idp: SamlPartner
) -> None:
    """The response's own InResponseTo is not signed, so it proves nothing."""
    browser, question = asked
    stolen = idp.answer(Question("_stolen", question.acs, question.issuer, force=False))
    xml = etree.fromstring(base64.b64decode(stolen))
    xml.set("InResponseTo", question.id)

    refused(browser, send(browser, adfs, encode(etree.tostring(xml))))


def test_a_response_that_nobody_asked_for_is_refused(
    asked: tuple[Client, Question], adfs: IdentityProvider, idp: SamlPartner
) -> None:
    """Nobody is signed in as an attacker by a form that the attacker sends."""
    browser, question = asked

    def bend(response: Element) -> Element:
        del response.attrib["InResponseTo"]
        return response

    refused(browser, send(browser, adfs, idp.answer(question, bend=bend)))
    victim = Client()
    refused(victim, send(victim, adfs, idp.answer(question)))


def test_a_comment_in_a_name_does_not_cut_it(
    asked: tuple[Client, Question], adfs: IdentityProvider, idp: SamlPartner
) -> None:
    """Row 37: comment injection; "otto-1<!-- -->.evil" is not "otto-1"."""
    browser, question = asked

    answer = send(
        browser,
        adfs,
        idp.answer(
            question, name_id="otto-1<!-- -->.evil", email="x@northmill.example"
        ),
    )

    assert answer.status_code == 403
    assert not inside(browser)


DTD = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
OUTSIDE = '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/evil.dtd">'


@pytest.mark.parametrize("head", [DTD, XXE, OUTSIDE, "<!DOCTYPE r>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_types_and_entities_are_not_read(
    head: str,
    encoding: str,
    asked: tuple[Client, Question],
    adfs: IdentityProvider,
    idp: SamlPartner,
) -> None:
    """Row 29: XXE, billion laughs, external DTD in SAML."""
    browser, question = asked
    xml = base64.b64decode(idp.answer(question)).decode()
    bent = f'<?xml version="1.0" encoding="{encoding}"?>{head}{xml}'

    refused(browser, send(browser, adfs, encode(bent.encode(encoding))))


@pytest.mark.parametrize(
    "response",
    [
        "",
        "x",
        "%%%",
        "\x00",
        "\ud83d",
        encode(b""),
        encode(b"<a/>"),
        encode(b"<a" * 10_000),
        encode(b"<a>" * 5_000 + b"</a>" * 5_000),
        encode(b"\xff\xfe\x00\x00"),
        "A" * 300_000,
    ],
)
def test_nonsense_is_refused(
    response: str, asked: tuple[Client, Question], adfs: IdentityProvider
) -> None:
    browser, _ = asked

    refused(browser, send(browser, adfs, response.encode(errors="replace").decode()))
