import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError

from tenants.models import Workspace
from tenants.portable.container import lines_of, seal
from tests.data_rights.backups import PASSPHRASE, delete, restored, section
from tests.data_rights.conftest import Cast, as_owner, rows_left
from tests.isolation.walking import changed, picture

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
Edit = Callable[[list[Any]], None]


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
