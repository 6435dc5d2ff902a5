"""What changed about a service between two looks, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST: Final = 300


class Change(StrEnum):
    """What kind of change."""

    NEW = "new"
    GONE = "gone"
    BACK = "back"
    PROTOCOL = "protocol"
    PRODUCT = "product"
    VERSION = "version"
    CERTIFICATE = "certificate"
    ACCESS = "access"
    LEVEL = "level"
    ANOMALY = "anomaly"


# Facts that stay the same from look to look unless somebody changed something. Counters,
# clocks and random numbers are in none of these, so they never count as a change.
GROUPS: Final[Mapping[Change, frozenset[str]]] = {
    Change.PRODUCT: frozenset(
        {
            "vendor", "product", "product_name", "product_code", "product_uri", "model",
            "model_code", "model_name", "order_number", "device_type", "application",
            "application_name", "serial", "module", "module_name", "plant_name",
            "object_name", "title", "server", "software", "banner",
        }
    ),
    Change.VERSION: frozenset(
        {"version", "revision", "firmware", "hardware", "software_version",
         "firmware_version", "hardware_version", "application_version", "tls_version"}
    ),
    Change.CERTIFICATE: frozenset(
        {"subject", "issuer", "names", "not_before", "not_after", "key_bits",
         "signature_hash", "self_signed"}
    ),
    Change.ACCESS: frozenset(
        {"read_answered", "protection_level", "key_switch", "cip_status",
         "anonymous_without_security", "endpoints", "subscription_granted",
         "return_code", "security_types", "nla_enforced", "chosen", "password_input",
         "association", "session_status", "command_refused", "hello_refused",
         "properties_read", "tunnelling", "tunnelling_secured", "auth_types",
         "anonymous_allowed", "nameless_users", "asks_for_sign_in", "tls_offered",
         "starttls_offered", "encryption_offered", "signing_required", "version_1_spoken",
         "answers_without_password", "old_versions", "weak_cipher", "www_authenticate"}
    ),
    Change.ANOMALY: frozenset({"anomaly"}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer of one probe, as far as it is compared."""

    facts: Mapping[str, object]
    level: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One change; `before` and `after` are words, "" where nothing was said."""

    kind: Change
    before: str
    after: str


def differences(before: Seen, after: Seen) -> list[Difference]:
    """Return what differs between two answers of the same probe, one a kind.

    >>> old = Seen({"version": "2.8"}, "L1")
    >>> differences(old, Seen({"version": "2.9"}, "L1"))
    [Difference(kind=<Change.VERSION: 'version'>, before='version 2.8', after='version 2.9')]
    """
    found = [
        Difference(kind, _words(before.facts, changed), _words(after.facts, changed))
        for kind, names in GROUPS.items()
        if (changed := _changed(before.facts, after.facts, names))
    ]
    if before.level != after.level:
        found.append(Difference(Change.LEVEL, before.level, after.level))
    return found


def _changed(
    before: Mapping[str, object], after: Mapping[str, object], names: frozenset[str]
) -> list[str]:
    return [
        name
        for name in sorted(names)
        if _text(before.get(name)) != _text(after.get(name))
    ]


def _words(facts: Mapping[str, object], names: list[str]) -> str:
    told = [
        f"{name.replace('_', ' ')} {_text(facts.get(name))}"
        for name in names
        if _text(facts.get(name))
    ]
    return ", ".join(told)[:LONGEST]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(sorted(str(each) for each in value))
    return str(value)
