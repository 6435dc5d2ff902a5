"""The whole story once, against real sockets, a real database, broker and workers."""

import pytest

from tests.flows.running import Product, eventually
from tests.flows.visitor import WORKSPACE, Visitor

pytestmark = pytest.mark.flow

ANA, IDA, OTTO = (
    "ana@northgate.example",
    "ida@northmill.example",
    "otto@northmill.example",
)
CLAIM = "PLC-B1 lets anyone read and program it"
PROPOSAL = {
    "kind": "remove_exposure",
    "action": "Close the S7 forward on RTR-UTIL.",
    "technical_basis": "Port 102 is forwarded to the boiler PLC; nobody needs it.",
    "safety_effect": "None. The burner management is not on this network.",
    "downtime_minutes": "0",
    "lost_meanwhile": "Remote programming by the boiler vendor.",
    "undo": "Restore the forward, two minutes.",
}


def test_from_discovery_to_closure(product: Product) -> None:
    product.command("demo", "unfix", "plc-port")
    ana, ida, otto = (Visitor(product, who).sign_in() for who in (ANA, IDA, OTTO))

    # The first run looked at the plant, proved the open port twice and routed it.
    ref = eventually(lambda: ana.finding(CLAIM))
    page = eventually(lambda: _when(ana, ref, "Validated", "goes to IT and OT"))
    assert "on the internet" in page
    assert "No block was read, written or downloaded" in page
    eventually(lambda: "Boiler house" in ana.open(f"{WORKSPACE}/paths/"))

    # The provider proposes; IT and OT sign the same version; nobody signs for others.
    ana.open(_page(ref))
    ana.submit("/propose/", **PROPOSAL)
    assert not ana.has_form("/answer/")
    ida.open(_page(ref))
    ida.submit("/answer/", press="sign")
    assert "Waiting for OT" in otto.open(_page(ref))
    otto.submit("/answer/", press="sign")
    assert "Approved" in otto.open(_page(ref))

    # Saying that it is done closes nothing while the re-test still finds it.
    otto.submit("/claim/")
    eventually(lambda: _when(otto, ref, "The re-test still finds it"))
    eventually(lambda: otto.open(_page(ref)) and otto.has_form("/claim/"))

    # Once it is really fixed, the re-test closes it and the path is gone.
    product.command("demo", "fix", "plc-port")
    otto.open(_page(ref))
    otto.submit("/claim/")
    page = eventually(lambda: _when(otto, ref, "Closed by evidence"))
    assert "The re-test cannot find it any more" in page
    # Everybody who must know was told, once, and the webhook's signature fits.
    eventually(lambda: _told(product, ref))

    _it_is_in_the_ledger(otto, ref)
    _it_comes_back(product, ana, ref)


def _it_is_in_the_ledger(reader: Visitor, ref: str) -> None:
    """Who signed, who claimed and what closed it: all of it can be proven later."""
    page = reader.open(f"{WORKSPACE}/ledger/?about={ref}")
    for words in (
        "Otto Brandt signed version",
        "Ida Larsen signed version",
        "finding.closed",
    ):
        assert words in page
    assert "Ana Torres of Northgate Security was here." in reader.open(
        f"{WORKSPACE}/ledger/?action=access."
    )


def _it_comes_back(product: Product, ana: Visitor, ref: str) -> None:
    """The weakness returns: the same record opens again with its history."""
    product.command("demo", "unfix", "plc-port")
    ana.open(f"{WORKSPACE}/runs/")
    ana.submit("/start/")

    page = eventually(lambda: _reopened(ana, ref))

    assert "The re-test cannot find it any more" in page
    assert ana.has_form("/propose/")


def _page(ref: str) -> str:
    return f"{WORKSPACE}/exposures/{ref}/"


def _when(visitor: Visitor, ref: str, *words: str) -> str:
    """Return the finding's page once it has all the words, until then nothing."""
    page = visitor.open(_page(ref))
    return page if all(word in page for word in words) else ""


def _reopened(visitor: Visitor, ref: str) -> str:
    page = visitor.open(_page(ref))
    return page if "Closed by evidence" not in page else ""


def _told(product: Product, ref: str) -> bool:
    mails = [m for m in product.mails() if ref in m["subject"] or ref in m["text"]]
    closed = [c for c in product.calls() if "finding.closed" in str(c)]
    assert all(call["fits"] is not False for call in closed)
    return bool(closed) and {"ida", "otto"} <= {
        name for name in ("ida", "otto") if any(name in str(m) for m in mails)
    }
