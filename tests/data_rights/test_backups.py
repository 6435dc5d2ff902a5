import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
from tenants.portable.container import lines_of, seal
from tenants.scope import bind_workspace, workspace_scope
from tenants.services import checkpoints, closing, files, secrets
from tests.data_rights.conftest import Cast, as_owner, asked_for_deletion, rows_left
from tests.isolation.walking import changed, picture
from workflows.models import Channel
from workflows.services import channels

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
PASSPHRASE = "seven quiet valves turn left"
LEDGER = {
    "northmill tenants_ledgerdetail",
    "northmill tenants_ledgerentry",
    "northmill tenants_ledgerhead",
}
Edit = Callable[[list[dict[str, Any] | str]], None]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys at the least cost."""
    monkeypatch.setattr("tenants.portable.container.COST", 14)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """The operator's passphrase, in a file."""
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n")
    return path


@pytest.fixture
def backup(cast: Cast, tmp_path: Path, secret: Path) -> Path:
    """Northmill's backup."""
    target = tmp_path / "northmill.backup"
    call_command(
        "backup_workspace",
        target,
        workspace="northmill",
        passphrase_file=secret,
        stdout=io.StringIO(),
    )
    return target


def restored(source: Path, secret: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command(
        "restore_workspace", source, passphrase_file=secret, stdout=out, **options
    )
    return out.getvalue()


def delete(cast: Cast) -> None:
    asked_for_deletion(cast, cast.ida, days_ago=15)
    with bind_workspace(cast.northmill.pk):
        assert closing.delete_when_due() is not None


def keep_accounts(cast: Cast) -> None:
    """Let Northmill's people keep their accounts when the workspace goes."""
    other = Workspace.objects.create(
        provider=cast.northmill.provider, slug="thirdplace", name="Third"
    )
    for user in (cast.ida, cast.otto):
        Membership.objects.create(workspace=other, user=user, role="auditor")


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
        row = StoredFile.objects.get()
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
        assert b"".join(files.read(StoredFile.objects.get())) == b"page one\npage two\n"
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
        assert b"".join(files.read(StoredFile.objects.get())) == b"page one\npage two\n"
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


DAMAGES: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda raw: raw[:-1], "cut off"),
    (lambda raw: raw[: len(raw) // 2], "cut off"),
    (lambda raw: raw[:40], "head|cut off"),
    (lambda raw: raw[:0], "not a backup"),
    (lambda raw: b"PK\3\4" + raw, "not a backup"),
    (lambda raw: raw + b"x", "changed"),
    (lambda raw: raw[:2000] + b"\0" + raw[2001:], "changed"),
    (lambda raw: raw.replace(b"backup 1", b"backup 2", 1), "newer version"),
    (lambda raw: raw[:46] + b"\xff" + raw[47:], "head|changed"),
]


def test_a_damaged_file_is_refused_before_anything_is_written(
    cast: Cast, backup: Path, secret: Path
) -> None:
    good = backup.read_bytes()
    delete(cast)
    before = picture(cast.eastholm)

    for damage, said in DAMAGES:
        backup.write_bytes(damage(good))
        with pytest.raises(CommandError, match=said):
            restored(backup, secret)
        assert rows_left(cast.northmill.pk) == {}
        assert not Workspace.objects.filter(pk=cast.northmill.pk).exists()
    assert changed(before, picture(cast.eastholm)) == set()


def test_another_passphrase_opens_nothing(
    cast: Cast, backup: Path, secret: Path
) -> None:
    secret.write_text("seven quiet valves turn right\n")
    with pytest.raises(CommandError, match="another one"):
        restored(backup, secret)
    secret.write_text("short\n")
    with pytest.raises(CommandError, match="at least 12"):
        restored(backup, secret)


def section(lines: list[Any], name: str) -> int:
    """Return where the rows of a section begin."""
    return 1 + next(
        at
        for at, line in enumerate(lines)
        if isinstance(line, dict) and line.get("section") == name
    )


def set_in(name: str, /, **values: object) -> Edit:
    def edit(lines: list[Any]) -> None:
        lines[section(lines, name)].update(values)

    return edit


def head(**values: object) -> Edit:
    return lambda lines: lines[0].update(values)  # type: ignore[union-attr]  # an object


def announce(name: str, /, **values: object) -> Edit:
    def edit(lines: list[Any]) -> None:
        lines[section(lines, name) - 1].update(values)

    return edit


def without_row(name: str) -> Edit:
    def edit(lines: list[Any]) -> None:
        at = section(lines, name)
        del lines[at]
        lines[at - 1]["rows"] -= 1

    return edit


def doubled(lines: list[Any]) -> None:
    at = section(lines, "exposure_site")
    lines[at - 1 : at - 1] = [lines[at - 1], lines[at]]


def extra_column(lines: list[Any]) -> None:
    at = section(lines, "exposure_site")
    lines[at - 1]["columns"].append("colour")
    lines[at]["colour"] = "red"


def swapped_entries(lines: list[Any]) -> None:
    at = section(lines, "tenants_ledgerentry")
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


def file_elsewhere(lines: list[Any]) -> None:
    lines[section(lines, "file") - 1]["id"] = "../../../etc/cron.d/x"


def same_id_twice(lines: list[Any]) -> None:
    at = section(lines, "exposure_vantage")
    lines.insert(at, dict(lines[at]))
    lines[at - 1]["rows"] += 1


def no_end(lines: list[Any]) -> None:
    lines.pop()


def after_the_end(lines: list[Any]) -> None:
    lines.append({"section": "accounts", "rows": 0})


NOBODY = "00000000-0000-4000-8000-000000000001"
HOSTILE: dict[str, tuple[Edit, str]] = {
    "another format": (head(format=2), "format 2"),
    "another kind": (head(sightline="ledger"), "does not tell"),
    "no workspace": (head(workspace=None), "which workspace"),
    "a workspace that is text": (head(workspace="x"), "which workspace"),
    "a workspace with a strange id": (
        head(workspace={"id": "../x", "slug": "x"}),
        "which workspace",
    ),
    "a row of another workspace": (
        set_in("exposure_asset", workspace_id=NOBODY),
        "exposure_asset, row 1: it belongs to another workspace",
    ),
    "a reference to nowhere": (
        set_in("exposure_asset", site_id=NOBODY),
        "nothing was kept",
    ),
    "an account that is not in it": (
        set_in("workflows_decision", proposer_id=NOBODY),
        "names nobody of its accounts",
    ),
    "a wrong type": (set_in("exposure_service", port="many"), "nothing was kept"),
    "a number that is too large": (
        set_in("exposure_service", port=10**30),
        "nothing was kept",
    ),
    "a text with NUL": (set_in("exposure_site", name="a\0b"), "nothing was kept"),
    "a lone surrogate": (
        set_in("exposure_site", name="\ud800"),
        "nothing was kept|JSON",
    ),
    "bytes that are none": (
        set_in("exposure_pathrevision", snapshot="***"),
        "nothing was kept",
    ),
    "a column more in a row": (
        set_in("exposure_site", colour="red"),
        "exposure_site, row 1: it has other columns",
    ),
    "a column that we do not know": (extra_column, "columns that this version"),
    "a table that we do not know": (
        announce("exposure_site", section="exposure_secret"),
        "knows no table",
    ),
    "a table of everybody": (
        announce("exposure_site", section="tenants_user"),
        "knows no table",
    ),
    "a section twice": (doubled, "twice"),
    "a row twice": (same_id_twice, "nothing was kept"),
    "fewer rows than said": (
        announce("exposure_site", rows=10**6),
        "ends after|JSON|object|columns",
    ),
    "a negative number of rows": (announce("exposure_site", rows=-1), "should begin"),
    "true for a number": (announce("exposure_site", rows=True), "should begin"),
    "an entry of the ledger edited": (
        set_in("tenants_ledgerentry", line=base64.b64encode(b"{}").decode()),
        "tenants_ledgerentry, row 1: the ledger's chain does not hold",
    ),
    "entries in another order": (swapped_entries, "chain does not hold"),
    "the head of the ledger moved": (
        set_in("tenants_ledgerhead", size=3),
        "should have 3 entries",
    ),
    "another key of the ledger": (
        set_in("tenants_ledgerkey", public=base64.b64encode(b"k" * 32).decode()),
        "no signature of the key",
    ),
    "the key of the ledger gone": (without_row("tenants_ledgerkey"), "missing"),
    "a file that lies elsewhere": (file_elsewhere, "not an id"),
    "a file of another size": (announce("file", bytes=1), "another size"),
    "no end": (no_end, "last line"),
    "something after the end": (after_the_end, "after the end"),
}


def test_a_hostile_backup_is_refused_and_nothing_is_written(
    cast: Cast, backup: Path, secret: Path
) -> None:
    with backup.open("rb") as stream:
        good = list(lines_of(stream, PASSPHRASE))
    delete(cast)
    before = picture(cast.eastholm)

    for name, (edit, said) in HOSTILE.items():
        lines = [json.loads(line) for line in good]
        edit(lines)
        again = (json.dumps(line).encode() for line in lines)
        backup.write_bytes(b"".join(seal(again, PASSPHRASE)))
        with pytest.raises(CommandError) as refused:
            restored(backup, secret)
        assert re.search(said, str(refused.value)), (name, str(refused.value))
        assert rows_left(cast.northmill.pk) == {}, name
        assert not Workspace.objects.filter(pk=cast.northmill.pk).exists(), name
        folder = Path(django_settings.FILES_DIR) / str(cast.northmill.pk)
        assert not folder.exists(), name
    assert changed(before, picture(cast.eastholm)) == set()


def test_a_line_without_end_is_refused(
    cast: Cast, backup: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.portable.container.MAX_LINE", 100_000)

    def bomb() -> Iterator[bytes]:
        yield b"[" * 5_000_000

    backup.write_bytes(b"".join(seal(bomb(), PASSPHRASE)))

    with pytest.raises(CommandError, match="has no end"):
        restored(backup, secret)


def test_a_backup_of_an_older_version_gets_the_defaults_of_new_columns(
    cast: Cast, backup: Path, secret: Path
) -> None:
    with backup.open("rb") as stream:
        lines = [json.loads(line) for line in lines_of(stream, PASSPHRASE)]
    at = section(lines, "exposure_asset")
    lines[at - 1]["columns"].remove("description")
    del lines[at]["description"]
    delete(cast)
    again = (json.dumps(line).encode() for line in lines)
    backup.write_bytes(b"".join(seal(again, PASSPHRASE)))

    restored(backup, secret)

    assert as_owner(
        "SELECT description FROM exposure_asset WHERE workspace_id = %s",
        cast.northmill.pk,
    ) == [("",)]


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
