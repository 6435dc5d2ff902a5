"""Text that looks like a secret where only its name is meant."""

import pytest

from exposure.logic.secrecy import has_secret_field, looks_secret


@pytest.mark.parametrize(
    "text",
    [
        "password: Milk2027",
        "the PIN is 4711",
        "Kennwort = sommer",
        "api-key=abc",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "$6$rounds=5000$abcdefgh$x",
        "$2b$12$R9h/cIPz0gi",
        "8846f7eaee8fb117ad06bdd830b7586c",
        "k7#Qz!mw2Lp",
        "admin Sommer2027!x",
        "xK9-pQ2-vB7zz",
    ],
)
def test_a_secret_is_seen(text: str):
    assert looks_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Local admin of the cells",
        "svc-backup@northmill.example",
        "Otto.Brandt2@northmill.example, 12 November",
        "Firewall export FW-Cell2-Export.csv of 2026-11-14",
        "EWS-02-Backup (PasteuriserLine2-Panel)",
        "Ticket INC-4711Ab, CellA1-Export",
        "The password of the panels, which nobody has changed",
    ],
)
def test_a_name_of_one_is_not(text: str):
    assert not looks_secret(text)


@pytest.mark.parametrize("name", ["credential-password", "vendor-PIN", "secret"])
def test_a_field_that_is_called_a_password_is_seen(name: str):
    assert has_secret_field(["csrfmiddlewaretoken", "credential-name", name])


def test_the_fields_of_the_forms_are_none():
    fields = ["csrfmiddlewaretoken", "credential-name", "vendor-entry_port", "source"]

    assert not has_secret_field(fields)


def test_a_long_word_is_read_quickly():
    assert not looks_secret("x" * 100_000 + "A1-")
