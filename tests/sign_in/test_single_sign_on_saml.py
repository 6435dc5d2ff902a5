"""SAML: signing in with a signed assertion, and every way to forge one; rows 29 and 37."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from tenants.models import IdentityProvider, Workspace
from tests.isolation.test_every_request import ELSEWHERE, EVIL
from tests.sign_in.company import base, begin, send, written
from tests.sign_in.conftest import inside
from tests.sign_in.saml_partner import (
    ENTITY,
    Question,
    SamlPartner,
    at,
)


def test_a_signed_assertion_signs_in(
    asked: tuple[Client, Question],
    adfs: IdentityProvider,
    idp: SamlPartner,
    northmill: Workspace,
) -> None:
    browser, question = asked

    answer = send(browser, adfs, idp.answer(question))

    assert answer["Location"] == "/w/northmill/"
    assert inside(browser)
    assert written(northmill)[-1] == "sign_on.entered"


def test_the_response_may_be_signed_as_well(
    asked: tuple[Client, Question], adfs: IdentityProvider, idp: SamlPartner
) -> None:
    browser, question = asked

    send(browser, adfs, idp.answer(question, bend=idp.signed))

    assert inside(browser)


def test_it_is_asked_to_ask_again(
    asked: tuple[Client, Question], adfs: IdentityProvider, idp: SamlPartner
) -> None:
    browser, question = asked
    assert not question.force
    send(browser, adfs, idp.answer(question))
    again = idp.read(begin(browser, adfs, again=True))
    assert again.force

    old = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    assert send(browser, adfs, idp.answer(again, instant=at(old))).status_code == 403
    again = idp.read(begin(browser, adfs, again=True))
    assert send(browser, adfs, idp.answer(again)).status_code == 302
    last = browser.session["account_authentication_methods"][-1]
    assert last["type"] == f"saml:{ENTITY}"


def test_it_describes_itself(
    adfs: IdentityProvider, asked: tuple[Client, Question]
) -> None:
    _, question = asked

    page = Client().get(f"{base(adfs)}metadata/")

    xml = etree.fromstring(page.content)
    assert xml.get("entityID") == question.issuer
    assert question.acs.encode() in page.content
    assert b'WantAssertionsSigned="true"' in page.content


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_a_relay_state_leads_nowhere(
    goal: str,
    asked: tuple[Client, Question],
    adfs: IdentityProvider,
    idp: SamlPartner,
) -> None:
    """Row 23: open redirect through RelayState."""
    browser, question = asked

    answer = send(browser, adfs, idp.answer(question), RelayState=goal)

    assert answer["Location"] == "/w/northmill/"


def test_a_forged_host_is_not_what_the_answer_is_checked_against(
    adfs: IdentityProvider, idp: SamlPartner, settings: Any
) -> None:
    """Row 21: Host header poisoning."""
    browser = Client(headers={"x-forwarded-host": EVIL})

    question = idp.read(begin(browser, adfs))

    assert question.acs == f"{settings.SITE_URL}{base(adfs)}acs/"
