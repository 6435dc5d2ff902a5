"""A second plant of Northmill with a name that nobody of the first plant may read."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from exposure.models import (
    Asset,
    Authorisation,
    Basis,
    Evidence,
    EvidenceKind,
    Exclusion,
    Finding,
    Line,
    Run,
    RunEvent,
    RunTarget,
    Site,
    Vantage,
    Zone,
)
from exposure.services import rebuild
from tenants.models import Membership, Role, Side, User, Workspace
from tenants.scope import workspace_scope
from tenants.services import ledger
from tests import factories
from tests.isolation.walking import Rows
from tests.sent import make_record
from tests.workflows.conftest import learn
from workflows.services import routing
from workflows.services.announcements import announce

SECRET = "Ridgemoor"
ADDRESS = "127.88.9.14"


@dataclass(frozen=True)
class Reader:
    """A member whose scope is the first plant."""

    title: str
    user: User

    def __str__(self) -> str:
        """Return what they are."""
        return self.title


@dataclass(frozen=True)
class TwoSites:
    """Northmill with Thornby, whose people come, and Ridgemoor, of which they read nothing."""

    workspace: Workspace
    here: Site
    there: Site
    own: Rows
    hidden: Rows
    readers: tuple[Reader, ...]
    secrets: re.Pattern[str]

    def limit(self, *sites: Site) -> None:
        """Give every reader these sites; none: all."""
        users = [each.user for each in self.readers]
        rows = Membership.objects.filter(user__in=users, workspace=self.workspace)
        rows.update(site_ids=[site.pk for site in sites])


def add_ridgemoor(
    workspace: Workspace, *, site: Site, rows: Rows, signed_by: User
) -> re.Pattern[str]:
    """Let the two plants touch wherever a row can point across; return what is secret.

    Somebody who takes Ridgemoor's panel goes on to Thornby's controller, over a conduit
    of Ridgemoor's, seen from there, by a run of theirs.
    """
    with workspace_scope(workspace.id):
        plc = Asset.objects.get(pk=rows["asset"])
        zone = Zone.objects.get(site=site)
        run = Run.objects.get(site=site)
        authorisation = Authorisation.objects.get(site=site)
        panels = factories.make_zone(site, f"Panels of {SECRET}", level=2)
        panel = factories.make_asset(panels, f"HMI of {SECRET}", address=f"{ADDRESS}5")
        own_zone = Zone.objects.get(pk=plc.zone_id)
        for number, (to_zone, owner) in enumerate(
            ((own_zone, site), (zone, site), (own_zone, plc.site))
        ):
            name = f"Way {number}" if owner == plc.site else f"Way {number} of {SECRET}"
            factories.make_conduit(
                owner, name, from_zone=panels, to_zone=to_zone, basis=Basis.IMPORTED
            )
        sensor = factories.make_vantage(f"Sensor of {SECRET}", panels)
        factories.make_entry(authorisation, f"{ADDRESS}5", vantage=sensor)
        open_panel = factories.make_service(
            panel, run, port=8443, protocol="http", address=f"{ADDRESS}5"
        )
        factories.make_finding(
            open_panel, check_id="hmi-open", title=f"HMI of {SECRET} is open to all"
        )
        across = factories.make_service(
            plc, run, port=44818, protocol="enip", address="127.77.1.14", vantage=sensor
        )
        crossing = factories.make_finding(
            across, check_id="enip-open", title=f"{plc.name} obeys anyone"
        )
        _told(run, authorisation, sensor_id=sensor.pk)
        rebuild.rebuild_paths()
        for finding in Finding.objects.all():
            learn(finding)
        routing.route_open_findings()
        ledger.append(
            "scope.signed", about="a scope", text=f"{SECRET} signs", site_id=site.pk
        )
        announce()
        _chain()
        return _secrets(site, panel, own=crossing)


def _told(run: Run, authorisation: Authorisation, *, sensor_id: uuid.UUID) -> None:
    now = timezone.now()
    Exclusion.objects.create(
        authorisation=authorisation, value=ADDRESS, reason=f"A press of {SECRET}"
    )
    RunEvent.objects.create(run=run, at=now, text=f"{SECRET} answers", target=ADDRESS)
    RunTarget.objects.create(run=run, vantage_id=sensor_id, address=ADDRESS)
    make_record(run, Vantage.objects.get(pk=sensor_id), 102, address=ADDRESS)
    Evidence.objects.create(
        finding=Finding.objects.get(asset__name=SECRET),
        revision=1,
        kind=EvidenceKind.CHECK,
        holds=True,
        grade="E4",
        title=f"{SECRET} answers",
        text=f"{SECRET} says its name",
        vantage_name=f"Sensor of {SECRET}",
        at=now - dt.timedelta(hours=1),
        sha256="d" * 64,
    )


def _chain() -> None:
    """Let the database chain the ledger, which it does at each commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _secrets(site: Site, panel: Asset, *, own: Finding) -> re.Pattern[str]:
    """Return a pattern of everything by which Ridgemoor could be known."""

    def words() -> Iterator[str]:
        yield SECRET
        yield re.escape(ADDRESS)
        hidden = Finding.objects.filter(asset__site=site)
        yield from (rf"\b{finding.ref}\b" for finding in hidden)
        yield from (str(pk) for pk in hidden.values_list("pk", flat=True))
        yield rf"\b[Rr]un {Run.objects.get(site=site).number}\b"
        for row in (site, panel, *Line.objects.filter(site=site)):
            yield str(row.pk)

    assert own.asset.site_id != site.pk
    return re.compile("|".join(words()))


def make_readers(
    workspace: Workspace, people: dict[Role, User], ida: User
) -> tuple[Reader, ...]:
    """Return one member a role; the owners of both sides, and an owner who administers."""
    found = [Reader(str(role), user) for role, user in people.items()]
    chief = factories.make_user("chief@northmill.example", "Carla Chief")
    factories.make_member(
        workspace, chief, role=Role.OWNER, side=Side.IT, is_admin=True
    )
    return (*found, Reader("owner of IT", ida), Reader("administrator", chief))
