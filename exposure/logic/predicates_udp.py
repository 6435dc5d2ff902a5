"""What the facts of probes over UDP say about a weakness."""

from __future__ import annotations

from datetime import datetime

from exposure.logic.predicates import Facts, Verdict, fails, holds, unclear


def bacnet_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a stranger's read was carried out."""
    if not facts.get("properties_read"):
        return unclear("The device speaks BACnet, but let no property be read.", "L1")
    return holds(
        "The device gave its properties to a stranger. BACnet/IP has no sign-in, so "
        "writes and commands go the same way; a gateway that only lets reads through "
        "would still stop them. Write not attempted.",
        "L3",
    )


def snmp_public(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the community that everybody knows was let in."""
    if facts.get("product"):
        return holds("The agent told its description to “public”.", "L2")
    return unclear("The agent knows “public”, but gave no description.", "L1")


def ipmi_no_password(facts: Facts, _now: datetime) -> Verdict:
    """Judge the controller's own list of ways in."""
    kinds = facts.get("auth_types")
    if not isinstance(kinds, list):
        return unclear("The controller did not name its ways in.", "L1")
    open_ways = [
        words
        for words, is_open in (
            ("sign-in without a password (“none”)", "none" in kinds),
            ("anonymous users", facts.get("anonymous_allowed")),
            ("users without a name", facts.get("nameless_users")),
        )
        if is_open
    ]
    if open_ways:
        return holds(
            f"The controller says itself that it allows {', '.join(open_ways)}. No "
            "sign-in was tried.",
            "L2",
        )
    return fails("Every way in that the controller names asks for a user.", "L1")


def ipmi_hashes(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the version gives password hashes away by its design."""
    if facts.get("version_2"):
        return holds(
            "IPMI 2.0 answers. Its sign-in gives a hash of the password to anyone who "
            "knows a user name (CVE-2013-4786, part of the standard). None was asked for.",
            "L1",
        )
    if facts.get("auth_types") is not None:
        return fails("The controller speaks IPMI 1.5 only.", "L1")
    return unclear("The controller did not say which version it speaks.", "L1")


def knx_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the gateway offers a way onto the bus without security."""
    tunnelling = facts.get("tunnelling")
    if tunnelling is None:
        return unclear("The gateway did not name its services.", "L1")
    if not tunnelling:
        return fails("The gateway offers no tunnel to the bus.", "L1")
    if facts.get("tunnelling_secured"):
        return fails("The gateway says that its tunnels are secured.", "L1")
    return holds(
        "The gateway offers tunnels to the bus and does not say that they are secured. "
        "No tunnel was opened, so no telegram was sent.",
        "L1",
    )


def sip_exposed(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a telephone system answers strangers at all."""
    if facts.get("status"):
        return holds(
            f"The telephone system answered with status {facts['status']}. Whether it "
            "takes calls or sign-ins of strangers was not tried.",
            "L1",
        )
    return unclear("It did not answer in SIP.", "L1")
