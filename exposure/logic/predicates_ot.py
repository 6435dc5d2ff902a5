"""What the facts of one probe of an industrial protocol say about open access to it."""

from __future__ import annotations

from datetime import datetime

from exposure.logic.predicates import Facts, Verdict, fails, holds, unclear

NODE_NOT_ALLOWED = 0x22


def dnp3_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the application layer answers a stranger."""
    if facts.get("read_answered"):
        return holds(
            "The outstation answered a stranger's read. Without Secure Authentication "
            "DNP3 has no sign-in, so commands go the same way. Write not attempted.",
            "L2",
        )
    return unclear(
        "The outstation answers on the link; its application said nothing to us.", "L1"
    )


def mms_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a partner without a password is taken."""
    if facts.get("read_answered"):
        return holds(
            "The device took an association without a password and told what it is. "
            "What such a partner may switch was not asked. Write not attempted.",
            "L2",
        )
    if facts.get("association") == "refused":
        return fails("The device refused a partner without a password.", "L1")
    if facts.get("association") == "broken off":
        return unclear("The device broke the association off; it may be busy.", "L1")
    return unclear("The device took the association but told nothing.", "L1")


def ads_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a station without a route is heard."""
    if facts.get("read_answered"):
        return holds(
            "The controller answered a station that nobody entered as a route. ADS asks "
            "for no password after that. Write not attempted.",
            "L2",
        )
    if facts.get("ads_error"):
        return fails(
            f"The controller refused the read (ADS error {facts['ads_error']}).", "L1"
        )
    return unclear("The controller answered without telling what it is.", "L1")


def fins_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a command was carried out for a stranger."""
    if facts.get("read_answered"):
        return holds(
            "The controller carried out a read for a stranger. FINS has no sign-in, so "
            "commands go the same way; write protection would still stop changes. Write "
            "not attempted.",
            "L2",
        )
    if facts.get("connection_error") == NODE_NOT_ALLOWED:
        return fails("The controller takes connections of listed addresses only.", "L1")
    if facts.get("end_code"):
        return fails(f"The controller refused the read ({facts['end_code']}).", "L1")
    return unclear("The controller did not get as far as a command.", "L1")


def fox_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge what the station tells before anybody signs in."""
    if facts.get("hello_refused"):
        return unclear("The station answered, but not with a hello.", "L1")
    return holds(
        "The station tells a stranger its name, version and system, and waits for a "
        "sign-in. None was tried.",
        "L1",
    )


def pcworx_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the controller serves a reader without a password."""
    return _served(
        facts,
        "The controller gave a stranger a session and its identity. PCWorx has no "
        "sign-in, so programs and stops go the same way. Write not attempted.",
    )


def proconos_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the runtime answers a stranger."""
    return _served(
        facts,
        "The runtime told a stranger its project. ProConOS has no sign-in, so programs "
        "and stops go the same way. Write not attempted.",
    )


def crimson_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the programming port answers a stranger."""
    return _served(
        facts,
        "The programming port answered a stranger. Crimson 3 protects it only where a "
        "password was set, which was not asked. Write not attempted.",
    )


def gesrtp_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the controller opens a connection for a stranger."""
    if facts.get("opened"):
        return holds(
            "The controller opened a connection for a stranger without a password. "
            "Whether it takes commands was not asked.",
            "L1",
        )
    return unclear("The controller did not open the connection.", "L1")


def atg_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the gauge carries out a command without its security code."""
    if facts.get("command_refused"):
        return fails(
            "The gauge refused a command that every gauge knows, as it does without its "
            "security code.",
            "L1",
        )
    return _served(
        facts,
        "The gauge gave a stranger its list of tanks without a security code; alarm "
        "limits and tank names are set the same way. Write not attempted.",
    )


def codesys_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the runtime answers its opening command."""
    if facts.get("login_answered"):
        return holds(
            "The runtime answered the opening command of its programming protocol "
            "without name and password. Nothing was asked after that.",
            "L1",
        )
    return unclear("The runtime did not answer the opening command.", "L1")


def hartip_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a stranger gets a session and an answer."""
    if facts.get("session_status") not in (None, 0, 8):
        return unclear("The gateway gave us no session; it may have none free.", "L1")
    return _served(
        facts,
        "The gateway gave a stranger a session and the identity of the device. HART has "
        "no sign-in, so settings go the same way where the device is not write "
        "protected. Write not attempted.",
    )


def _served(facts: Facts, reason: str) -> Verdict:
    if facts.get("read_answered"):
        return holds(reason, "L2")
    return unclear("It speaks the protocol, but gave no answer to a read.", "L1")
