"""The checks of IT services hold, fail and admit that they cannot tell."""

from datetime import UTC, datetime
from typing import Any

import pytest

from exposure.logic.checks import BY_ID, evaluate
from exposure.logic.it_checks import CHECKS, DATABASES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STRONG: dict[str, Any] = {
    "key_kind": "RSA",
    "key_bits": 2048,
    "signature_hash": "sha256",
    "self_signed": False,
}
SEARCH: dict[str, Any] = {"fingerprint": "elasticsearch", "status": 200}


@pytest.mark.parametrize(
    ("check", "facts", "holds", "level"),
    [
        ("telnet-open", {"prompt_without_sign_in": True}, True, "L2"),
        ("telnet-open", {"asks_for_sign_in": True}, False, "L1"),
        ("telnet-open", {"negotiated": True}, None, "L1"),
        ("telnet-clear", {"asks_for_sign_in": True}, True, "L2"),
        ("telnet-clear", {"negotiated": True}, True, "L1"),
        ("telnet-clear", {"encryption_offered": True}, None, "L1"),
        ("ftp-clear", {"tls_offered": False}, True, "L2"),
        ("ftp-clear", {"tls_offered": True}, False, "L1"),
        ("ftp-clear", {"banner": "ready"}, None, "L1"),
        ("smtp-clear", {"starttls_offered": False}, True, "L2"),
        ("smtp-clear", {"starttls_offered": True}, False, "L1"),
        ("smtp-clear", {"banner": "ready"}, None, "L1"),
        ("smb-exposed", {"dialect": "3.1.1"}, True, "L1"),
        ("smb-exposed", {"version_1_spoken": False}, False, "L1"),
        ("smb-v1", {"version_1_spoken": True}, True, "L2"),
        ("smb-v1", {"version_1_spoken": False}, False, "L1"),
        ("smb-v1", {"dialect": "3.1.1"}, None, "L1"),
        ("smb-unsigned", {"signing_required": False}, True, "L2"),
        ("smb-unsigned", {"signing_required": True}, False, "L1"),
        ("smb-unsigned", {}, None, "L1"),
        ("redis-open", {"answers_without_password": True}, True, "L2"),
        ("redis-open", {"answers_without_password": False}, False, "L1"),
        ("redis-open", {}, None, "L1"),
        ("search-open", SEARCH, True, "L2"),
        ("search-open", SEARCH | {"status": 401}, False, "L1"),
        ("search-open", SEARCH | {"fingerprint": "grafana"}, False, "L1"),
        ("tls-old", {"old_versions": ["TLS 1.0"]}, True, "L2"),
        ("tls-old", {"old_versions": []}, False, "L1"),
        ("tls-old", {}, None, "L1"),
        ("tls-weak-cipher", {"weak_cipher": "RC4-SHA"}, True, "L2"),
        ("tls-weak-cipher", {"weak_cipher": ""}, False, "L1"),
        ("tls-weak-cipher", {}, None, "L1"),
        ("tls-expires-soon", {"not_after": "2026-12-22T11:59:59+00:00"}, True, "L2"),
        ("tls-expires-soon", {"not_after": "2026-12-22T12:00:00+00:00"}, False, "L1"),
        ("tls-expires-soon", {"not_after": "2026-11-22T11:59:59+00:00"}, False, "L1"),
        ("tls-expires-soon", {}, None, "L1"),
        ("tls-weak-key", STRONG, False, "L1"),
        ("tls-weak-key", STRONG | {"key_bits": 1024}, True, "L2"),
        ("tls-weak-key", STRONG | {"key_kind": "EC", "key_bits": 256}, False, "L1"),
        ("tls-weak-key", STRONG | {"key_kind": "EC", "key_bits": 192}, True, "L2"),
        ("tls-weak-key", STRONG | {"signature_hash": "sha1"}, True, "L2"),
        (
            "tls-weak-key",
            STRONG | {"signature_hash": "sha1", "self_signed": True},
            False,
            "L1",
        ),
        ("tls-weak-key", {"certificate_error": "strange"}, None, "L1"),
        ("mysql-exposed", {"product": "MySQL", "refused": False}, True, "L1"),
        ("mysql-exposed", {"product": "MySQL", "refused": True}, False, "L1"),
        ("ldap-exposed", {"product": "LDAP", "shown": True}, True, "L1"),
        ("ldap-exposed", {"product": "LDAP", "shown": False}, False, "L1"),
        ("postgres-exposed", {"product": "PostgreSQL"}, True, "L1"),
    ],
)
def test_it_judges_the_facts(
    check: str, facts: dict[str, Any], *, holds: bool | None, level: str
) -> None:
    found = evaluate(facts, BY_ID[check].probe, now=NOW)
    verdict = {each.id: verdict for each, verdict in found}[check]

    assert (verdict.holds, verdict.level) == (holds, level)
    assert verdict.reason.endswith(".")


def test_it_has_a_check_for_every_database() -> None:
    assert {f"{probe}-exposed" for probe in DATABASES} <= {check.id for check in CHECKS}


def test_only_open_consoles_and_databases_hand_over_a_foothold() -> None:
    handing = {check.id for check in CHECKS if check.gives != "nothing"}

    assert handing == {"telnet-open", "redis-open"}
