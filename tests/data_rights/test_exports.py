import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from common.errors import Conflict, NotAllowed
from tenants.models import (
    Export,
    ExportState,
    FileKind,
    LedgerEntry,
    StoredFile,
    User,
)
from tenants.portable.tables import LEFT_OUT, every_table, exported_tables
from tenants.scope import bind_workspace, workspace_scope
from tenants.services import files
from tenants.services.fresh import Authenticated
from tests.data_rights.conftest import FORMULA, Cast, as_owner
from tests.data_rights.harmless import HARMLESS
from tests.workflows.conftest import JUST_NOW
from workflows.services import channels, exports

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ExportOf = Callable[[User], bytes]


def members_of(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows(raw: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in raw.splitlines()]


def test_every_tenant_table_is_exported_or_left_out_with_a_reason() -> None:
    exported = {table.label for table in exported_tables()}

    assert exported | set(LEFT_OUT) == {table.label for table in every_table()}
    assert exported & set(LEFT_OUT) == set()
    assert all(LEFT_OUT.values())


def test_whatever_sounds_like_a_secret_was_looked_at() -> None:
    doubtful = {
        f"{table.name}.{column.name}"
        for table in exported_tables()
        for column in table.open_columns
        if isinstance(column.field, models.BinaryField)
        or re.search(r"hash|key|sha|code|salt|pin|cred|auth_", column.name)
    } - {"exposure_run.authorisation_id"}

    assert doubtful <= HARMLESS, (
        "Is it a secret? Then name it so that tenants/portable/tables.py withholds it; "
        "if not, add it to HARMLESS."
    )


def test_all_rows_of_the_workspace_and_none_of_another_are_in_it(
    cast: Cast, export_of: ExportOf
) -> None:
    found = members_of(export_of(cast.ida))

    for table in exported_tables():
        lines = rows(found[f"tables/{table.name}.jsonl"])
        assert {row["workspace_id"] for row in lines} <= {str(cast.northmill.pk)}
        ids = as_owner(
            f'SELECT id::text FROM "{table.name}" WHERE workspace_id = %s',  # noqa: S608 - our own tables
            cast.northmill.pk,
        )
        written_meanwhile = {"tenants_job", "tenants_export", "tenants_ledgerhead"}
        if table.name not in written_meanwhile | {
            "tenants_storedfile",
            "workflows_event",
            "tenants_counter",
        }:
            assert {row["id"] for row in lines} == {row[0] for row in ids}, table.name
    whole = b"".join(found.values())
    assert b"eastholm" not in whole.lower()
    assert str(cast.eastholm.pk).encode() not in whole


def test_the_manifest_tells_of_every_member(cast: Cast, export_of: ExportOf) -> None:
    found = members_of(export_of(cast.ida))

    manifest = json.loads(found.pop("manifest.json"))
    told = {each["name"]: each for each in manifest["members"]}
    assert set(told) == set(found)
    for name, raw in found.items():
        assert told[name]["sha256"] == hashlib.sha256(raw).hexdigest()
        assert told[name]["bytes"] == len(raw)
    assert manifest["format"] == 1
    assert manifest["workspace"]["slug"] == "northmill"
    assert manifest["rows"]["exposure_finding"] == 1


def test_no_secret_is_in_it(cast: Cast, export_of: ExportOf) -> None:
    with workspace_scope(cast.northmill.pk):
        me = cast.me(cast.ida)
        webhook = channels.add_webhook("https://127.0.0.1:9/x", name="New", by=me)
    secrets: set[bytes] = {webhook.secret.encode()}
    for query in (
        "SELECT encode(sealed_secret, 'base64') FROM workflows_channel WHERE sealed_secret <> ''",
        "SELECT encode(sealed_private, 'base64') FROM tenants_ledgerkey",
        "SELECT encode(sealed, 'base64') FROM tenants_datakey",
        "SELECT encode(sealed_key, 'base64') FROM tenants_storedfile WHERE sealed_key <> ''",
        "SELECT token_hash FROM tenants_invitation",
        "SELECT password FROM tenants_user",
    ):
        secrets |= {row[0].replace("\n", "").encode() for row in as_owner(query)}

    whole = b"".join(members_of(export_of(cast.ida)).values())

    assert len(secrets) > 6
    assert [secret for secret in secrets if secret in whole] == []


def test_times_are_rfc_3339_and_bytes_base64(cast: Cast, export_of: ExportOf) -> None:
    found = members_of(export_of(cast.ida))

    (finding,) = rows(found["tables/exposure_finding.jsonl"])
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", finding["detected_at"]
    )
    (signature,) = rows(found["tables/workflows_signature.jsonl"])
    assert re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", signature["payload"])


def test_no_value_of_a_sheet_is_a_formula(cast: Cast, export_of: ExportOf) -> None:
    found = members_of(export_of(cast.ida))

    sheets = {name for name in found if name.startswith("sheets/")}
    assert len(sheets) == 5
    cells = [
        cell
        for name in sheets
        for line in csv.reader(io.StringIO(found[name].decode()))
        for cell in line
    ]
    assert f"'{FORMULA}" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))] == []


def test_its_ledger_holds_by_its_own_verifier(
    cast: Cast, export_of: ExportOf, tmp_path: Path
) -> None:
    raw = export_of(cast.ida)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in archive.namelist():
            if name.startswith("ledger/"):
                archive.extract(name, tmp_path)
    folder = tmp_path / "ledger"

    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, folder / "verify_ledger.py", folder],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "The ledger holds" in ran.stdout


def test_stored_files_are_in_it_opened(cast: Cast, export_of: ExportOf) -> None:
    found = members_of(export_of(cast.ida))

    (told,) = (row for row in rows(found["files.jsonl"]) if row["about"] == "data room")
    assert len(rows(found["files.jsonl"])) == 2
    assert found[told["place"]] == b"page one\npage two\n"
    assert told["place"].endswith("_notes of the plant.txt")


def test_no_name_of_a_file_leads_elsewhere(cast: Cast, export_of: ExportOf) -> None:
    names = [
        "../../etc/passwd",
        "/etc/passwd",
        "..",
        "C:\\x\\..\\y",
        "\u202egpj.exe",
        "=",
    ]
    as_owner("UPDATE tenants_storedfile SET name = %s", names[0])
    with workspace_scope(cast.northmill.pk):
        for name in names:
            files.store([b"x"], name="x.txt", kind=FileKind.REPORT, about="x", by=None)
            newest = StoredFile.objects.order_by("-created_at")[:1]
            StoredFile.objects.filter(pk__in=newest).update(name=name)

    found = members_of(export_of(cast.ida))

    stored = [name for name in found if name.startswith("files/")]
    assert len(stored) == len(names) + 2
    for name in stored:
        assert re.fullmatch(r"files/[0-9a-f-]{36}_[^/\\:\u202e]+", name)


def test_who_is_no_administrator_of_the_customer_takes_nothing_out(cast: Cast) -> None:
    for user in (cast.ana, cast.otto):
        with workspace_scope(cast.northmill.pk), pytest.raises(NotAllowed):
            exports.ask(by=cast.me(user), shown=JUST_NOW)
    old = Authenticated((), needs_second=False)
    with workspace_scope(cast.northmill.pk), pytest.raises(NotAllowed, match="you"):
        exports.ask(by=cast.me(cast.ida), shown=old)


def test_one_export_is_written_at_a_time(cast: Cast) -> None:
    me = cast.me(cast.ida)
    with workspace_scope(cast.northmill.pk):
        exports.ask(by=me, shown=JUST_NOW)
        with pytest.raises(Conflict, match="already"):
            exports.ask(by=me, shown=JUST_NOW)


def test_an_export_of_another_workspace_is_not_there(
    cast: Cast, export_of: ExportOf
) -> None:
    export_of(cast.ida)
    with workspace_scope(cast.northmill.pk):
        pk = Export.objects.get().pk

    with bind_workspace(cast.eastholm.pk):
        exports.write(pk)  # as a job with foreign ids would
    with workspace_scope(cast.eastholm.pk):
        with pytest.raises(Export.DoesNotExist):
            exports.fetch(pk, by=cast.me(cast.mallory), shown=JUST_NOW)
        assert not Export.objects.exists()


def test_fetching_is_in_the_ledger_and_ends_with_its_time(
    cast: Cast, export_of: ExportOf
) -> None:
    export_of(cast.ida)

    with workspace_scope(cast.northmill.pk):
        actions = set(LedgerEntry.objects.values_list("action", flat=True))
        assert {"data.export_asked", "data.export_fetched"} <= actions
        export = Export.objects.get()
    as_owner("UPDATE tenants_storedfile SET expires_at = now() - interval '1 second'")
    with (
        workspace_scope(cast.northmill.pk),
        pytest.raises(Conflict, match="run out"),
    ):
        exports.fetch(export.pk, by=cast.me(cast.ida), shown=JUST_NOW)
    with bind_workspace(cast.northmill.pk):
        assert exports.remove_expired() == 1
        assert exports.remove_expired() == 0
    with workspace_scope(cast.northmill.pk):
        assert Export.objects.get().state == ExportState.GONE
        row = StoredFile.objects.get(pk=export.file_id)
        assert row.deleted_at is not None


def test_an_export_that_cannot_be_written_says_so(cast: Cast) -> None:
    with workspace_scope(cast.northmill.pk):
        export = exports.ask(by=cast.me(cast.ida), shown=JUST_NOW)
    with bind_workspace(cast.northmill.pk):
        exports.give_up(export.pk)
        exports.write(export.pk)  # a late worker changes nothing
    with workspace_scope(cast.northmill.pk):
        assert Export.objects.get().state == ExportState.FAILED
