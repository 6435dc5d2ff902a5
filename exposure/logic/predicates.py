"""What the facts of one probe say about one weakness: holds, does not, or cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

Facts: TypeAlias = Mapping[str, object]
Level: TypeAlias = Literal["", "L1", "L2", "L3"]

_PROTECTION_OFF = (1, 0)
_SHORTEST_PAGE = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judgement: `holds` is None when the facts cannot tell.

    `level` is what was proved (L1 to L3; "" when nothing was), `reason` a sentence.
    """

    holds: bool | None
    reason: str
    level: Level = ""


def s7_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge the CPU's own word on its protection (list 0232, index 4)."""
    if not facts.get("read_answered"):
        return unclear("The CPU answered, but gave no system list.", "L1")
    key_switch, parameter = facts.get("key_switch"), facts.get("protection_level")
    if key_switch is None or parameter is None:
        return holds(
            "The CPU gave its system lists without a password. It did not say "
            "whether writing is protected.",
            "L2",
        )
    if (key_switch, parameter) == _PROTECTION_OFF:
        return holds(
            "The CPU says itself that no protection is set. Write not attempted.",
            "L3",
        )
    return fails(
        f"The CPU says that it is protected (key switch {key_switch}, level "
        f"{parameter}). Its system lists can be read without a password.",
        "L2",
    )


def modbus_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the function layer works for a stranger."""
    if facts.get("registers_read"):
        reason = "A register was read without any sign-in."
    elif facts.get("read_exception") == 2:
        reason = "The read function ran; only the address does not exist."
    elif facts.get("read_answered"):
        return unclear(
            "The device told its name to anyone, but refused to read a register.",
            "L2",
        )
    else:
        return unclear("Modbus answered, but only with refusals.", "L1")
    return holds(
        f"{reason} Modbus has no sign-in, so commands go the same way; a read-only "
        "gateway would still stop them. Write not attempted.",
        "L3",
    )


def enip_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a stranger's explicit message was carried out."""
    if facts.get("cip_status") == 0:
        return holds(
            "An explicit message was answered without any sign-in. The protocol has "
            "none; a key switch or CIP Security would still stop changes. Write not "
            "attempted.",
            "L3",
        )
    if facts.get("cip_status") is None:
        return unclear(
            "The device tells its identity; no message was carried out.", "L1"
        )
    return fails(
        f"The device refused the message (status {facts['cip_status']}).", "L1"
    )


def opcua_anonymous(facts: Facts, _now: datetime) -> Verdict:
    """Judge the server's own list of ways in."""
    if facts.get("anonymous_without_security"):
        return holds(
            "The server's own list offers a session without sign-in and encryption. "
            "No session was opened.",
            "L2",
        )
    if facts.get("endpoints"):
        return fails("No way in combines anonymous and no security.", "L1")
    return unclear("The server did not list its ways in.", "L1")


def mqtt_anonymous(facts: Facts, _now: datetime) -> Verdict:
    """Judge the broker's answer to a connection without user name."""
    code = facts.get("return_code")
    if code == 0:
        return holds("The broker accepted a client without a password.", "L2")
    if code in (4, 5):
        return fails("The broker asks for a user name and password.", "L1")
    return unclear(f"The broker refused with code {code}.", "L1")


def vnc_no_auth(facts: Facts, _now: datetime) -> Verdict:
    """Judge the list of security types that the server offers."""
    types = facts.get("security_types")
    if not isinstance(types, list) or not types:
        return unclear("The server did not say how it protects its screen.", "L1")
    if 1 in types:
        return holds("The server offers “no authentication”.", "L2")
    return fails("Every security type on offer asks for a password.", "L1")


def hmi_no_login(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the start page is an operator panel open to anyone."""
    markers = facts.get("panel_markers")
    if not isinstance(markers, list) or not markers:
        return fails("The page does not look like an operator panel.", "L1")
    if facts.get("password_input") or facts.get("www_authenticate"):
        return fails("The panel asks for a password.", "L1")
    if facts.get("status") != 200:
        return unclear(f"The panel answered with status {facts.get('status')}.", "L1")
    length = facts.get("text_length")
    if not isinstance(length, int) or length < _SHORTEST_PAGE:
        return unclear("The page is drawn by a script and cannot be judged.", "L1")
    if facts.get("sign_in_words"):
        return unclear("The page speaks of signing in but has no password field.", "L1")
    return holds(
        f"The page looks like an operator panel ({', '.join(map(str, markers))}) and "
        "asks for no password.",
        "L2",
    )


def tls_expired(facts: Facts, now: datetime) -> Verdict:
    """Judge the last day of the certificate."""
    text = facts.get("not_after")
    if not isinstance(text, str):
        return unclear("The certificate could not be read.", "L1")
    not_after = datetime.fromisoformat(text)
    if not_after < now:
        return holds(f"The certificate ran out on {_day(not_after)}.", "L2")
    return fails(f"The certificate is good until {_day(not_after)}.", "L1")


def rdp_no_nla(facts: Facts, _now: datetime) -> Verdict:
    """Judge the answer to an offer of plain Remote Desktop security alone."""
    if facts.get("anomaly"):
        return unclear(
            "The server chose what was not on offer: a decoy or a relay.", ""
        )
    enforced = facts.get("nla_enforced")
    if enforced is None:
        return unclear("The server did not answer the second question.", "L1")
    if enforced:
        return fails("The server insists on network level authentication.", "L1")
    return holds(
        "The server starts a session before anyone has signed in. The Windows password "
        "still stands.",
        "L2",
    )


def iec104_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the link layer answers a stranger without encryption."""
    if facts.get("test_confirmed"):
        return holds(
            "The station confirmed a test frame from a stranger without encryption. "
            "Whether it takes commands was not asked.",
            "L1",
        )
    return unclear("The station did not confirm the test frame.", "L1")


def holds(reason: str, level: Level) -> Verdict:
    """Say that the weakness is there."""
    return Verdict(holds=True, reason=reason, level=level)


def fails(reason: str, level: Level) -> Verdict:
    """Say that it is not there."""
    return Verdict(holds=False, reason=reason, level=level)


def unclear(reason: str, level: Level) -> Verdict:
    """Say that the facts cannot tell."""
    return Verdict(holds=None, reason=reason, level=level)


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
