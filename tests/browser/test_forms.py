"""Forms on a bad day: sent twice, too late, or into the void."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cast import (
    ANA,
    IDA,
    OTTO,
    fill_proposal,
    finding_of,
    open_finding,
)
from tests.flows.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.flow]

LOGIX = "PLC-F11 takes EtherNet/IP messages"
GATEWAY = "VPN-GW-01 shows a TLS certificate"
METER = "PLC-B1M takes Modbus"


def test_a_double_click_proposes_and_signs_once(
    ana: Visitor, open_as: Callable[..., Page]
) -> None:
    ref = finding_of(ana, LOGIX)
    proposer, signer = open_as(ANA), open_as(IDA)

    panel = open_finding(proposer, ref)
    fill_proposal(panel).dblclick()
    expect(panel).to_contain_text("Version 1, proposed")
    history = proposer.locator("#timeline")
    expect(history.get_by_text("proposed version")).to_have_count(1)

    panel = open_finding(signer, ref)
    panel.get_by_role("button", name="Sign for IT").dblclick()
    expect(panel).to_contain_text("Waiting for OT")
    signer.reload()
    expect(panel.get_by_text("Signed", exact=True)).to_have_count(1)
    expect(signer.locator("#timeline").get_by_text("signed version")).to_have_count(1)


def test_an_old_version_is_not_signed_and_the_new_one_stands_there(
    ana: Visitor, open_as: Callable[..., Page]
) -> None:
    ref = finding_of(ana, GATEWAY)
    proposer, signer = open_as(ANA), open_as(IDA)
    proposal = open_finding(proposer, ref)
    fill_proposal(proposal, action="Renew the certificate by hand.").click()
    expect(proposal).to_contain_text("Version 1, proposed")
    panel = open_finding(signer, ref)

    proposal.get_by_role("button", name="Withdraw my proposal").click()
    proposal.get_by_text("Propose version 2").click()
    fill_proposal(proposal, action="Renew the certificate every 60 days.").click()
    expect(proposal).to_contain_text("Version 2, proposed")
    with signer.expect_response("**/answer/") as answered:
        panel.get_by_role("button", name="Sign for IT").click()

    assert answered.value.status == 409
    expect(panel).to_contain_text("This changed while you were writing.")
    expect(panel).to_contain_text("Version 2, proposed")
    expect(panel).to_contain_text("Renew the certificate every 60 days.")
    expect(panel).to_contain_text("Waiting for IT and OT")


def test_a_lost_connection_keeps_what_was_typed(
    ana: Visitor, open_as: Callable[..., Page]
) -> None:
    page = open_as(ANA)
    panel = open_finding(page, finding_of(ana, METER))
    send = fill_proposal(panel, action="Put the meter behind the firewall.")

    page.context.set_offline(True)
    send.click()
    expect(page.get_by_text("No connection to Sightline.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("No connection to Sightline.")).to_be_hidden()
    page.reload()

    text = panel.get_by_label("The treatment, in one sentence")
    expect(text).to_have_value("Put the meter behind the firewall.")


def test_a_part_under_the_readers_hands_is_left_alone(
    places: dict[str, str], open_as: Callable[..., Page]
) -> None:
    page = open_as(OTTO)
    page.goto(places["today"])
    button = page.locator("#asks a.btn").first
    button.focus()

    page.evaluate("document.body.dispatchEvent(new CustomEvent('sl:tick'))")

    expect(button).to_be_focused()
