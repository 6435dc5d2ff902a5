"""Northmill with one row behind every parameter of our addresses, and one person a role."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from exposure.models import (
    Asset,
    Finding,
    NameSearch,
    PathRevision,
    RunPart,
    SearchState,
    ServiceChange,
    Site,
)
from exposure.services import rebuild
from tenants.key_scopes import KeyScope
from tenants.models import (
    FileKind,
    Identity,
    IdentityKind,
    IdentityProvider,
    Invitation,
    Membership,
    Role,
    Side,
    User,
    Visit,
    Workspace,
)
from tenants.scope import bind_workspace, workspace_scope
from tenants.services import checkpoints, ledger
from tests import factories
from tests.accesses import make_credential, make_vendor_access
from tests.controls import control_rows
from tests.holdings import make_holding
from tests.isolation.fence import fence_rows
from tests.isolation.two_sites import (
    ADDRESS,
    SECRET,
    TwoSites,
    add_ridgemoor,
    make_readers,
)
from tests.isolation.walking import Rows
from tests.keys import make_key
from tests.plans import make_cost, make_plan, make_window
from tests.workflows.conftest import content, learn, member
from workflows.models import Decision
from workflows.services import attachments, channels, decisions, routing
from workflows.services.announcements import announce

SECRET_NAME = "PLC-P21-of-Northmill"


@dataclass(frozen=True)
class Place:
    """Two customers of one provider, and everybody who comes."""

    northmill: Workspace
    eastholm: Workspace
    ana: User
    ida: User
    otto: User
    mallory: User
    boss: User
    people: dict[Role, User]
    rows: Rows

    def of(self, parameter: str) -> Any:
        """Return the row of Northmill behind a parameter, such as "<str:ref>"."""
        return self.rows[parameter]

    def decision(self) -> Decision:
        """Return the proposal as it is now."""
        with workspace_scope(self.northmill.id):
            return Decision.objects.get(pk=self.of("<uuid:decision_id>"))


@pytest.fixture
def place(
    northmill: Workspace,
    eastholm: Workspace,
    ana: User,
    ida: User,
    otto: User,
    mallory: User,
    settings: Settings,
) -> Place:
    """Everything is there, and nobody works in a scope: requests open their own."""
    settings.PATH_WORLDS = 256
    factories.make_member(eastholm, ana, role=Role.ANALYST)
    people = {Role.ANALYST: ana, Role.OWNER: otto}
    for role in set(Role) - set(people):
        people[role] = factories.make_user(f"{role}@northmill.example", role.label)
        factories.make_member(northmill, people[role], role=role)
    boss = factories.make_user("boss@northmill.example", "Bea Osei")
    factories.make_member(northmill, boss, role=Role.AUDITOR, is_admin=True)
    rows = fill(northmill, name=SECRET_NAME, signed_by=ida, proposer=ana)
    seen_already(northmill, ana, people[Role.MANAGER])
    seen_already(eastholm, ana)
    return Place(northmill, eastholm, ana, ida, otto, mallory, boss, people, rows)


def seen_already(workspace: Workspace, *people: User) -> None:
    """Let the provider have been here this hour and the next: looking leaves no trace."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    with workspace_scope(workspace.id):
        for user in people:
            for each in (hour, hour + dt.timedelta(hours=1)):
                Visit.objects.create(user=user, hour=each)


def fill(
    workspace: Workspace,
    *,
    name: str,
    signed_by: User,
    proposer: User,
    address: str = "127.77.1.14",
) -> Rows:
    """Give a workspace a plant, a run, a finding, a proposal and a webhook.

    Called again with another name and address, it adds a second plant.
    """
    with workspace_scope(workspace.id):
        site = factories.make_site(f"Site of {name}")
        line = factories.make_line(site, f"Line of {name}")
        zone = factories.make_zone(site, f"Zone of {name}")
        asset = factories.make_asset(
            zone, name, line=line, sends_packets=False, address=address
        )
        authorisation = factories.make_authorisation(
            site, signed_by=signed_by, reference=f"Permission of {name}"
        )
        entry = factories.make_entry(authorisation, address)
        run = factories.make_run(authorisation)
        run.finished_at = timezone.now()
        run.save(update_fields=["finished_at"])
        service = factories.make_service(
            asset, run, address=address, product=f"Product of {name}"
        )
        ServiceChange.objects.create(
            service=service, run=run, at=timezone.now(), kind="new", after=name
        )
        schedule = factories.make_schedule(
            authorisation, trouble=f"{name} is not signed."
        )
        RunPart.objects.create(run=run, state="done", since=timezone.now())
        finding = factories.make_finding(service)
        rebuild.rebuild_paths()
        learn(Finding.objects.get(pk=finding.pk))
        routing.route_open_findings()
        decision = decisions.propose(
            finding.ref,
            by=member(proposer),
            content=content(action=f"Set a password on {name}"),
        )
        webhook = channels.add_webhook(
            "https://127.0.0.1:9/hook", name="Their receiver", by=member(proposer)
        )
        announce()
        attached = attachments.attach(
            finding,
            [f"A letter about {name}".encode()],
            name="letter.txt",
            kind=FileKind.UPLOAD,
            by=member(signed_by),
        )
        fence = fence_rows(run, name=name, by=signed_by, letter=attached)
        invited = Invitation.objects.create(
            email=f"new-{finding.number}@{workspace.slug}.example",
            role=Role.PORTAL,
            token_hash=f"{finding.number:064}",
            invited_by=signed_by,
            expires_at=timezone.now() + dt.timedelta(days=7),
        )
        key, _ = make_key(proposer, name=f"Program {finding.number}")
        company = IdentityProvider.objects.create(
            kind=IdentityKind.OIDC,
            name=f"Sign-in {finding.number}",
            issuer=f"https://sign-in.example/{uuid.uuid4().hex}",
            client_id="sightline",
        )
        linked = Identity.objects.create(
            provider=company, subject="1", user=signed_by, email=signed_by.email
        )
        held = make_holding(site, f"{asset.pk.hex}.example", shown=name)
        search = NameSearch.objects.create(
            site=site, authorisation=authorisation, run=run, state=SearchState.FINISHED
        )
        return {
            "<uuid:holding>": held.pk,
            "<uuid:name_search>": search.pk,
            **access_rows(asset, name=name),
            **control_rows(finding, owner=member(signed_by), name=name),
            "<uuid:plan>": make_plan(line, by=signed_by, label=f"Fix {name}").pk,
            "<uuid:line>": line.pk,
            "<str:change>": make_cost(finding, by=signed_by).change,
            "<uuid:window>": make_window(line, by=signed_by, note=f"Stop of {name}").pk,
            "<str:ref>": finding.ref,
            "<int:number>": run.number,
            "<int:revision>": PathRevision.objects.latest("number").number,
            "<uuid:decision_id>": decision.pk,
            "<uuid:channel_id>": webhook.channel.pk,
            "<uuid:authorisation>": authorisation.pk,
            "<uuid:entry>": entry.pk,
            **fence,
            "<uuid:person_id>": signed_by.pk,
            "<uuid:invitation_id>": invited.pk,
            "<uuid:file_id>": attached.pk,
            "<uuid:key_id>": key.pk,
            "<uuid:identity_provider>": company.pk,
            "<uuid:identity>": linked.pk,
            "<uuid:schedule>": schedule.pk,
            "<uuid:vantage>": authorisation.entries.get().vantage_id,
            "vantage": authorisation.entries.get().vantage_id,
            "<uuid:asset>": asset.pk,
            "asset": asset.pk,
            "site": site.pk,
            "finding": finding.pk,
            "line": line.pk,
        }


def access_rows(asset: Asset, *, name: str) -> Rows:
    """Describe who signs in to an asset, and the vendor who comes in for it."""
    credential = make_credential(
        asset.site, f"Login of {name}", held_on=(asset,), opens=(asset,)
    )
    vendor = make_vendor_access(
        asset.site, f"Vendor of {name}", entry=asset, to_asset=asset, ports=[9]
    )
    return {"<uuid:credential>": credential.pk, "<uuid:vendor_access>": vendor.pk}


@pytest.fixture
def two_sites(place: Place) -> TwoSites:
    """Northmill has a second plant, and its readers are limited to the first."""
    hidden = fill(
        place.northmill,
        name=SECRET,
        signed_by=place.ida,
        proposer=place.ana,
        address=ADDRESS,
    )
    with workspace_scope(place.northmill.id):
        there, here = (
            Site.objects.get(pk=rows["site"]) for rows in (hidden, place.rows)
        )
    secrets = add_ridgemoor(
        place.northmill, site=there, rows=place.rows, signed_by=place.ida
    )
    readers = make_readers(place.northmill, place.people, place.ida)
    made = TwoSites(place.northmill, here, there, place.rows, hidden, readers, secrets)
    made.limit(here)
    return made


@pytest.fixture
def inside(two_sites: TwoSites) -> Iterator[TwoSites]:
    """Work inside Northmill's scope."""
    with workspace_scope(two_sites.workspace.pk):
        yield two_sites


def owner(workspace: Workspace, email: str, *, side: Side) -> Membership:
    """Make one more owner."""
    user = factories.make_user(email, email.partition("@")[0].title())
    return factories.make_member(workspace, user, role=Role.OWNER, side=side)


@pytest.fixture
def secret_of(place: Place) -> Callable[..., str]:
    """Make keys for people, at Northmill unless told otherwise."""

    def make(user: User, *scopes: KeyScope, **values: Any) -> str:
        where: Workspace = values.pop("workspace", place.northmill)
        with workspace_scope(where.id):
            return make_key(user, *scopes, **values)[1]

    return make


@pytest.fixture
def signed(place: Place) -> None:
    """The ledger of Northmill has entries and a checkpoint."""
    with workspace_scope(place.northmill.id):
        ledger.append("tests.happened", about="SL-1", by=place.ida, text="It did.")
        factories.commit()
    with bind_workspace(place.northmill.id):
        checkpoints.sign_now()
