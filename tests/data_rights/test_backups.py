import io
import json
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from tenants.models import (
    Closure,
    Job,
    LedgerEntry,
    LedgerHead,
    Membership,
    Portal,
    Provider,
    StoredFile,
    User,
    Workspace,
)
from tenants.models.jobs import JobState
from tenants.portable.backup import written
from tenants.scope import bind_workspace, workspace_scope
from tenants.services import checkpoints, closing, files, secrets
from tests.data_rights.backups import delete, keep_accounts, restored, section
from tests.data_rights.conftest import Cast, asked_for_deletion, rows_left
from tests.isolation.walking import changed, picture
from workflows.models import Channel
from workflows.services import channels

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
NOTES = "notes of the plant.txt"
LEDGER = {
    "northmill tenants_ledgerdetail",
    "northmill tenants_ledgerentry",
    "northmill tenants_ledgerhead",
}


def test_the_restore_drill(
    cast: Cast, tmp_path: Path, secret: Path, settings: Settings
) -> None:
    keep_accounts(cast)
    before = picture(cast.northmill, cast.eastholm)
    with workspace_scope(cast.northmill.pk):
        head = LedgerHead.objects.get()
        shown = channels.secret_of(Channel.objects.exclude(url="").get())
    target = tmp_path / "drill.backup"
    call_command(
        "backup_workspace",
        target,
        workspace="northmill",
        passphrase_file=secret,
        stdout=io.StringIO(),
    )
    delete(cast)
    assert rows_left(cast.northmill.pk) == {}

    restored(target, secret)

    now = picture(cast.northmill, cast.eastholm)
    # One entry more: that it was restored.
    assert changed(before, now) == LEDGER
    with workspace_scope(cast.northmill.pk):
        newest = list(LedgerEntry.objects.order_by("seq"))
        assert [each.action for each in newest[head.size :]] == ["workspace.restored"]
        assert bytes(newest[head.size - 1].chain) == bytes(head.head)
        row = StoredFile.objects.get(name=NOTES)
        assert b"".join(files.read(row)) == b"page one\npage two\n"
        assert channels.secret_of(Channel.objects.exclude(url="").get()) == shown
    with bind_workspace(cast.northmill.pk):
        checkpoints.sign_now()
        assert checkpoints.verify().holds


def test_another_installation_takes_it_with_its_own_master_key(
    cast: Cast, backup: Path, secret: Path, settings: Settings
) -> None:
    with workspace_scope(cast.northmill.pk):
        Job.objects.create(task="workflows.announce", queue="delivery")
        row = Channel.objects.exclude(url="").get()
        shown = channels.secret_of(row)
    again = backup.with_name("again")
    call_command(
        "backup_workspace",
        again,
        workspace="northmill",
        passphrase_file=secret,
        stdout=io.StringIO(),
    )
    delete(cast)
    User.objects.filter(pk=cast.otto.pk).update(email="o@x.example")
    settings.MASTER_KEY = b"\7" * 32
    secrets.forget_open_keys()

    said = restored(again, secret, slug="copy")

    place = Workspace.objects.get(pk=cast.northmill.pk)
    assert place.slug == "copy"
    assert "2 new accounts without a password" in said
    otto = User.objects.get(email="otto@northmill.example")
    assert otto.pk != cast.otto.pk
    assert not otto.has_usable_password()
    assert Membership.objects.filter(workspace=place, user=otto).exists()
    with workspace_scope(place.pk):
        assert channels.secret_of(Channel.objects.exclude(url="").get()) == shown
        assert (
            b"".join(files.read(StoredFile.objects.get(name=NOTES)))
            == b"page one\npage two\n"
        )
        # Nothing begins to work by itself at another place.
        assert (
            not Job.objects.filter(
                state__lt=JobState.DONE, created_at__lt=timezone.now(), error=""
            )
            .exclude(task__in=["workflows.follow_ledger"])
            .exists()
        )
    with bind_workspace(place.pk):
        assert checkpoints.verify().holds


def test_what_is_here_is_not_overwritten(
    cast: Cast, backup: Path, secret: Path
) -> None:
    before = picture(cast.northmill, cast.eastholm)

    with pytest.raises(CommandError, match="is here already"):
        restored(backup, secret)
    with pytest.raises(CommandError, match="is here already"):
        restored(backup, secret, slug="copy")

    with workspace_scope(cast.northmill.pk):
        assert (
            b"".join(files.read(StoredFile.objects.get(name=NOTES)))
            == b"page one\npage two\n"
        )
    assert changed(before, picture(cast.northmill, cast.eastholm)) == set()


def test_a_slug_that_is_taken_is_refused(
    cast: Cast, backup: Path, secret: Path
) -> None:
    delete(cast)

    for slug in ("eastholm", "North Mill", "../x"):
        with pytest.raises(CommandError):
            restored(backup, secret, slug=slug)
    assert rows_left(cast.northmill.pk) == {}


def test_without_its_provider_it_is_refused_unless_one_is_named(
    cast: Cast, backup: Path, secret: Path
) -> None:
    delete(cast)
    Provider.objects.filter(slug="northgate").update(slug="renamed")

    with pytest.raises(CommandError, match="no provider 'northgate'"):
        restored(backup, secret)
    Provider.objects.create(slug="southgate", name="Southgate")
    said = restored(backup, secret, provider="southgate")

    # Ana works for another provider: she does not come with it.
    assert "1 places of people left out" in said
    assert not Membership.objects.filter(
        workspace=cast.northmill, user=cast.ana
    ).exists()


def test_a_deletion_under_way_does_not_come_back_with_it(
    cast: Cast, tmp_path: Path, secret: Path
) -> None:
    asked_for_deletion(cast, cast.ida, days_ago=15)
    target = tmp_path / "late.backup"
    call_command(
        "backup_workspace",
        target,
        workspace="northmill",
        passphrase_file=secret,
        stdout=io.StringIO(),
    )
    with bind_workspace(cast.northmill.pk):
        closing.delete_when_due()

    restored(target, secret)

    assert Workspace.objects.get(pk=cast.northmill.pk).portal == Portal.FULL
    with workspace_scope(cast.northmill.pk):
        assert not Closure.objects.filter(called_off_at=None).exists()
    with bind_workspace(cast.northmill.pk):
        assert closing.delete_when_due() is None


def test_the_file_is_private_and_holds_nothing_readable(backup: Path) -> None:
    raw = backup.read_bytes()

    assert backup.stat().st_mode & 0o777 == 0o600
    assert b"northmill" not in raw
    assert b"tenants_" not in raw
    with pytest.raises(CommandError, match="there already"):
        call_command("backup_workspace", backup, workspace="northmill")


def test_another_passphrase_opens_nothing(
    cast: Cast, backup: Path, secret: Path
) -> None:
    secret.write_text("seven quiet valves turn right\n")
    with pytest.raises(CommandError, match="another one"):
        restored(backup, secret)
    secret.write_text("short\n")
    with pytest.raises(CommandError, match="at least 12"):
        restored(backup, secret)


def test_nothing_that_serves_people_knows_the_owner_role() -> None:
    root, allowed = Path(django_settings.ROOT), {"restore.py", "router.py", "roles.py"}
    knowing = {
        path.name
        for part in ("tenants", "exposure", "workflows")
        for path in (root / part).rglob("*.py")
        if "migrations" not in path.parts
        and re.search(
            r"using\W+owner|connections\[.owner|^OWNER\b", path.read_text(), re.M
        )
    }

    assert knowing - allowed == set()


def test_a_backup_is_as_of_one_moment(cast: Cast) -> None:
    lines = written(
        Workspace.objects.select_related("provider").get(pk=cast.northmill.pk)
    )
    first = json.loads(next(lines))
    with workspace_scope(cast.northmill.pk):
        Channel.objects.all().delete()

    later = [json.loads(line) for line in lines]

    at = section(later, "workflows_channel")
    assert later[at - 1]["rows"] > 0
    assert first["workspace"]["slug"] == "northmill"
