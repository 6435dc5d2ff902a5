"""Northmill and Eastholm with rows in every table; Ida and Mallory administer them."""

import datetime as dt
import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from exposure.models import Exclusion, RunEvent, RunTarget
from tenants.models import (
    ActingAs,
    Closure,
    DeletionCertificate,
    FileKind,
    Membership,
    Role,
    Side,
    User,
    Visit,
    Workspace,
)
from tenants.portable.tables import every_table
from tenants.scope import bind_workspace, workspace_scope
from tenants.services import checkpoints, closing, files
from tests import factories
from tests.isolation.conftest import fill, owner
from tests.sent import make_record
from tests.workflows.conftest import JUST_NOW, answer, member
from workflows.models import Decision
from workflows.services import exports

FORMULA = "=cmd|'/C x'!A0"


@dataclass(frozen=True)
class Cast:
    """Two customers of Northgate, each with an administrator."""

    northmill: Workspace
    eastholm: Workspace
    ana: User
    ida: User
    otto: User
    mallory: User

    def me(self, user: User) -> Membership:
        """Return the place of a person, with its workspace."""
        return Membership.objects.select_related("user", "workspace").get(
            user=user,
            workspace=self.eastholm if user == self.mallory else self.northmill,
        )


@pytest.fixture
def cast(
    northmill: Workspace,
    eastholm: Workspace,
    ana: User,
    ida: User,
    otto: User,
    mallory: User,
    settings: Settings,
) -> Cast:
    """Everything is there; Northmill's decision is signed, and each has a document."""
    settings.PATH_WORLDS = 256
    Membership.objects.filter(user__in=[ida, mallory]).update(is_admin=True)
    factories.make_member(eastholm, ana, role=Role.ANALYST)
    with workspace_scope(eastholm.id):
        irma = owner(eastholm, "irma@eastholm.example", side=Side.IT)
    for workspace, first, second in (
        (northmill, ida, otto),
        (eastholm, irma.user, mallory),
    ):
        _describe(workspace, first, second, proposer=ana)
    return Cast(northmill, eastholm, ana, ida, otto, mallory)


def _describe(
    workspace: Workspace, first: User, second: User, *, proposer: User
) -> None:
    rows = fill(workspace, name=FORMULA, signed_by=first, proposer=proposer)
    with workspace_scope(workspace.id):
        decision = Decision.objects.get(pk=rows["<uuid:decision_id>"])
        answer(decision, first)
        now = timezone.now()
        Visit.objects.create(user=first, hour=now)
        ActingAs.objects.create(
            actor=first, person=second, reason="x", started_at=now, ends_at=now
        )
        record = decision.case.finding.service
        run = record.last_run
        make_record(run, record.vantage, 102, result="answered")
        RunEvent.objects.create(run=run, at=now, text="Looked.")
        RunTarget.objects.create(run=run, vantage=record.vantage, address="127.77.1.14")
        Exclusion.objects.create(
            authorisation=run.authorisation, value="127.77.1.99", reason="Fragile."
        )
        files.store(
            [b"page one\n", b"page two\n"],
            name="notes of the plant.txt",
            kind=FileKind.UPLOAD,
            about="data room",
            by=member(first),
        )
    with bind_workspace(workspace.id):
        checkpoints.sign_now()
        checkpoints.verify()


@pytest.fixture
def export_of(cast: Cast) -> Callable[[User], bytes]:
    """Let somebody ask for everything, the job write it, and return the file."""

    def written(user: User) -> bytes:
        me = cast.me(user)
        with workspace_scope(me.workspace_id):
            export = exports.ask(by=me, shown=JUST_NOW)
        with bind_workspace(me.workspace_id):
            exports.write(export.pk)
        with workspace_scope(me.workspace_id):
            _, content = exports.fetch(export.pk, by=me, shown=JUST_NOW)
            return b"".join(content)

    return written


def asked_for_deletion(cast: Cast, user: User, *, days_ago: int = 0) -> Closure:
    """Let an administrator ask for the end, some days ago by the database's clock."""
    me = cast.me(user)
    with workspace_scope(me.workspace_id):
        row = closing.ask(
            me.workspace.name, "We move to another service.", by=me, shown=JUST_NOW
        )
    if days_ago:
        as_owner(
            "UPDATE tenants_closure SET asked_at = asked_at - %s, due_at = due_at - %s "
            "WHERE id = %s",
            dt.timedelta(days=days_ago),
            dt.timedelta(days=days_ago),
            row.pk,
        )
    return row


def deleted(workspace: Workspace) -> DeletionCertificate | None:
    """Let the job of the clock look whether a workspace is due."""
    with bind_workspace(workspace.pk):
        return closing.delete_when_due()


def as_owner(statement: str, *values: object) -> list[Any]:
    """Run a statement as the role that owns the tables."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def rows_left(workspace_id: uuid.UUID) -> dict[str, int]:
    """Return the tables that still have a row of a workspace."""
    counted = {
        table.name: as_owner(
            f'SELECT count(*) FROM "{table.name}" WHERE workspace_id = %s',  # noqa: S608 - our own tables
            workspace_id,
        )[0][0]
        for table in every_table()
    }
    return {name: count for name, count in counted.items() if count}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys at the least cost."""
    monkeypatch.setattr("tenants.portable.container.COST", 14)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """The operator's passphrase, in a file."""
    path = tmp_path / "passphrase"
    path.write_text("seven quiet valves turn left\n")
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
