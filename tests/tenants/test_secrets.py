"""The envelope: a key for each workspace, sealed with the master key, replaced at will."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from pytest_django import Settings

from common.sealing import SealBroken
from tenants.models import DataKey, MasterKeyCheck, User, Workspace
from tenants.scope import workspace_scope
from tenants.services import secrets
from tenants.services.master_key import (
    WrongMasterKey,
    check_at_start,
    check_master_key,
    remember_master_key,
)
from tests import factories
from tests.sign_in.conftest import code_of, with_app
from tests.workflows.conftest import member
from workflows.services import channels

SECRET = b"whsec of the ticket system"
PLACE = "channel:1/secret"
OLD, NEW = b"\1" * 32, b"\2" * 32


@pytest.fixture(autouse=True)
def _nothing_is_open(settings: Settings) -> None:
    """Each test opens keys for itself."""
    settings.MASTER_KEY, settings.MASTER_KEYS_BEFORE = OLD, []
    secrets.forget_open_keys()


def seal_in(workspace: Workspace) -> bytes:
    with workspace_scope(workspace.id):
        return secrets.seal_secret(SECRET, context=PLACE)


def open_in(workspace: Workspace, blob: bytes, context: str = PLACE) -> bytes:
    with workspace_scope(workspace.id):
        return secrets.open_secret(blob, context=context)


def test_a_secret_opens_where_it_was_sealed(northmill: Workspace) -> None:
    blob = seal_in(northmill)

    assert SECRET not in blob
    assert open_in(northmill, blob) == SECRET


def test_it_opens_nowhere_else(northmill: Workspace, eastholm: Workspace) -> None:
    blob = seal_in(northmill)
    seal_in(eastholm)

    with pytest.raises(SealBroken):
        open_in(eastholm, blob)
    with pytest.raises(SealBroken):
        open_in(northmill, blob, "channel:2/secret")
    with pytest.raises(SealBroken):
        open_in(northmill, blob[:-1] + bytes([blob[-1] ^ 1]))
    with pytest.raises(SealBroken):
        open_in(northmill, b"")


def test_a_data_key_moved_to_another_workspace_does_not_open(
    northmill: Workspace, eastholm: Workspace
) -> None:
    blob = seal_in(northmill)
    with workspace_scope(northmill.id):
        row = DataKey.objects.get()
    with workspace_scope(eastholm.id):
        DataKey.objects.create(key_id=row.key_id, sealed=bytes(row.sealed))
    secrets.forget_open_keys()

    with pytest.raises(SealBroken, match="another place"):
        open_in(eastholm, blob)


def test_a_new_data_key_seals_and_the_old_one_still_opens(
    northmill: Workspace, ana: User
) -> None:
    blob = seal_in(northmill)
    with workspace_scope(northmill.id):
        made = channels.add_webhook(
            "https://127.0.0.1:9/x", name="Tickets", by=member(ana)
        )

    call_command("rotate_data_keys", workspace="northmill", stdout=StringIO())

    secrets.forget_open_keys()
    after = seal_in(northmill)
    assert after[1:5] != blob[1:5]
    assert open_in(northmill, blob) == SECRET
    with workspace_scope(northmill.id):
        made.channel.refresh_from_db()
        assert channels.secret_of(made.channel) == made.secret
        assert bytes(made.channel.sealed_secret)[1:5] == after[1:5]


def test_the_master_key_is_replaced_and_the_old_one_forgotten(
    northmill: Workspace, otto: User, settings: Settings
) -> None:
    blob = seal_in(northmill)
    with_app(otto)
    remember_master_key()
    settings.MASTER_KEY, settings.MASTER_KEYS_BEFORE = NEW, [OLD]

    for _ in range(2):  # broken off and repeated: nothing is sealed twice wrongly
        call_command("rotate_master_key", stdout=StringIO())
    settings.MASTER_KEYS_BEFORE = []
    secrets.forget_open_keys()

    assert open_in(northmill, blob) == SECRET
    assert code_of(otto).isdigit()
    check_master_key()
    assert MasterKeyCheck.objects.count() == 1
    settings.MASTER_KEY = OLD
    with pytest.raises(WrongMasterKey):
        check_master_key()


def test_it_is_not_replaced_without_the_old_one(
    northmill: Workspace, settings: Settings
) -> None:
    seal_in(northmill)
    remember_master_key()
    with pytest.raises(CommandError, match="MASTER_KEY_PREVIOUS"):
        call_command("rotate_master_key")
    settings.MASTER_KEY, settings.MASTER_KEYS_BEFORE = NEW, [b"\3" * 32]

    with pytest.raises(CommandError, match="is not the key of this database"):
        call_command("rotate_master_key")


def test_a_wrong_key_stops_the_start_and_names_itself_without_showing_anything(
    db: None, settings: Settings
) -> None:
    remember_master_key()
    settings.MASTER_KEY = NEW

    for stop in (remember_master_key, check_master_key):
        with pytest.raises(WrongMasterKey, match="SIGHTLINE_MASTER_KEY is not the key"):
            stop()
    with pytest.raises(SystemExit, match="Nothing was changed"):
        check_at_start()


def test_what_the_master_key_sealed_before_still_opens(northmill: Workspace) -> None:
    from_before = secrets.seal_here(SECRET, context=PLACE)

    assert open_in(northmill, from_before) == SECRET


def test_no_page_shows_a_stored_secret(northmill: Workspace, ana: User) -> None:
    """P5: secrets in answers."""
    with workspace_scope(northmill.id):
        made = channels.add_webhook(
            "https://127.0.0.1:9/x", name="Tickets", by=member(ana)
        )
    browser = factories.signed_in(Client(), ana)

    for path in ("notifications/", "ledger/", "people/"):
        page = browser.get(f"/w/northmill/{path}").content.decode()
        assert made.secret not in page
        assert made.secret not in repr(made)
