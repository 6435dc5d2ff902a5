"""Seeds the demo once: a provider, two customers, a plant, a signed scope, one run."""

import datetime as dt
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from config.demo import plant
from config.demo.inventory import Inventory
from exposure.models import (
    Asset,
    Authorisation,
    Basis,
    Conduit,
    Credential,
    CredentialPlace,
    Endpoint,
    Line,
    PlaceUse,
    Site,
    Vantage,
    VendorAccess,
    Zone,
)
from exposure.services import runs, scope
from tenants.models import (
    Membership,
    Provider,
    ProviderRole,
    Role,
    Side,
    Staff,
    User,
    Workspace,
)
from tenants.models.memberships import PROVIDER_ROLES
from tenants.scope import workspace_scope
from workflows.services import channels

OUTSIDE, INSIDE = "1.0/27", "2.0/27"
PLANT_SENSOR = "Sensor in the plant DMZ"


@dataclass(frozen=True, slots=True)
class Person:
    """One of the people of the demo."""

    email: str
    name: str
    role: Role
    side: Side = Side.NONE

    @property
    def words(self) -> str:
        """Return what the person is, for the list that the start prints."""
        return f"{self.side.label} owner" if self.side else self.role.label


ANA = Person("ana@northgate.example", "Ana Torres", Role.ANALYST)
IDA = Person("ida@northmill.example", "Ida Larsen", Role.OWNER, Side.IT)
OTTO = Person("otto@northmill.example", "Otto Brandt", Role.OWNER, Side.OT)
MALLORY = Person("mallory@eastholm.example", "Mallory Reed", Role.OWNER, Side.OT)


def seed_demo(
    *, demo_file: str, inventory: str, webhook_url: str, webhook_secret: str = ""
) -> None:
    """Create the demo unless it is there; `demo_file` then names its sign-ins.

    `inventory` is the plant's own list of hosts and of the ports they really use.
    Everything or nothing: a start that is interrupted here seeds again.
    """
    if Provider.objects.filter(slug="northgate").exists():
        return
    with transaction.atomic():
        provider = Provider.objects.create(slug="northgate", name="Northgate Security")
        northmill = Workspace.objects.create(
            provider=provider, slug="northmill", name="Northmill Dairy"
        )
        eastholm = Workspace.objects.create(
            provider=provider, slug="eastholm", name="Eastholm Brewing"
        )
        sign_ins = [
            _person(ANA, "Northmill and Eastholm", northmill, eastholm),
            _person(IDA, northmill.name, northmill),
            _person(OTTO, northmill.name, northmill),
            _person(MALLORY, eastholm.name, eastholm),
        ]
        with workspace_scope(eastholm.id):
            Site.objects.create(name="Harbour brewery")
        with workspace_scope(northmill.id):
            _northmill(Inventory.read(inventory), webhook=(webhook_url, webhook_secret))
        if demo_file:
            _write(Path(demo_file), {"sign_ins": sign_ins})


def _person(person: Person, where: str, *workspaces: Workspace) -> dict[str, str]:
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    user = User.objects.create_user(
        email=person.email, name=person.name, password=password
    )
    for workspace in workspaces:
        _member(user, workspace, person)
    return {
        "email": person.email,
        "name": person.name,
        "role": f"{person.words}, {where}",
        "password": password,
    }


def _member(user: User, workspace: Workspace, person: Person) -> None:
    ours = person.role in PROVIDER_ROLES
    if ours:
        Staff.objects.get_or_create(
            provider=workspace.provider,
            user=user,
            defaults={"role": ProviderRole.ADMIN},
        )
    Membership.objects.create(
        user=user,
        workspace=workspace,
        role=person.role,
        side=person.side,
        is_admin=not ours and person.side != Side.OT,
        expires_at=timezone.now() + dt.timedelta(days=90) if ours else None,
        reason="Looks after the plant." if ours else "",
    )


def _northmill(inventory: Inventory, *, webhook: tuple[str, str]) -> None:
    site = describe_plant(inventory)
    rows = Membership.objects.select_related("user")
    members = {
        member.user.email: member
        for member in rows.filter(workspace_id=site.workspace_id)
    }
    authorisation = authorise(site, inventory, by=members[OTTO.email])
    for owner in (IDA, OTTO):
        channels.add_email(members[owner.email])
    url, secret = webhook
    if url:
        channels.add_webhook(
            url, name="Ticket system", by=members[ANA.email], secret=secret
        )
    runs.start_run(authorisation.pk, by=members[ANA.email].user)


def describe_plant(inventory: Inventory) -> Site:
    """Type in the plant as its people would."""
    site = Site.objects.create(name="Thornby plant")
    zones = {
        each.name: Zone.objects.create(
            site=site, name=each.name, level=each.level, is_safety=each.is_safety
        )
        for each in plant.ZONES
    }
    lines = {
        each.name: Line.objects.create(
            site=site,
            name=each.name,
            description=each.description,
            hourly_cost=each.hourly_cost,
            safety=each.safety.value,
            mission=each.mission.value,
        )
        for each in plant.LINES
    }
    assets = {}
    for each in plant.ASSETS:
        assets[each.name] = Asset.objects.create(
            site=site,
            zone=zones[each.zone],
            line=lines.get(each.line),
            name=each.name,
            kind=each.kind,
            description=each.description,
            sends_packets=each.sends_packets,
        )
        if each.address:
            Endpoint.objects.create(
                asset=assets[each.name],
                address=inventory.address(each.address),
                port=inventory.port(each.port) if each.port else None,
            )
    for way in plant.CONDUITS:
        Conduit.objects.create(
            site=site,
            name=way.name,
            from_zone=zones.get(way.from_zone),
            to_zone=zones.get(way.to_zone),
            to_asset=assets.get(way.to_asset),
            ports=[inventory.port(port) for port in way.ports],
            basis=way.basis,
            source=way.source,
        )
    _describe_access(site, assets, inventory)
    return site


def _describe_access(
    site: Site, assets: dict[str, Asset], inventory: Inventory
) -> None:
    for each in plant.CREDENTIALS:
        credential = Credential.objects.create(
            site=site,
            name=each.name,
            shared=each.shared,
            stored=True,
            basis=each.basis,
            source=each.source,
        )
        for use, names in ((PlaceUse.HELD, each.held_on), (PlaceUse.OPENS, each.opens)):
            for name in names:
                CredentialPlace.objects.create(
                    credential=credential, use=use, asset=assets[name]
                )
    today = timezone.now().date()
    for access in plant.VENDORS:
        VendorAccess.objects.create(
            site=site,
            vendor=access.vendor,
            entry=assets[access.entry],
            to_asset=assets[access.to_asset],
            ports=[inventory.port(port) for port in access.ports],
            conduit=Conduit.objects.filter(site=site, name=access.conduit).first(),
            basis=Basis.IMPORTED,
            source=access.source,
            mfa=access.mfa,
            opened=access.opened,
            until=today + dt.timedelta(days=access.days) if access.days else None,
        )


def authorise(site: Site, inventory: Inventory, *, by: Membership) -> Authorisation:
    """Make the scope of both ranges and let the customer sign it."""
    now = timezone.now()
    internet = Vantage.objects.create(name="Internet")
    sensor = Vantage.objects.create(
        name=PLANT_SENSOR, zone=Zone.objects.get(site=site, name=plant.DMZ)
    )
    authorisation = Authorisation.objects.create(
        site=site,
        reference="TH-2026-04",
        statement=(
            "Northgate may look at these addresses, reading only, one connection at a "
            "time per industrial device."
        ),
        valid_from=now,
        valid_until=now + dt.timedelta(days=90),
        packets_per_second=1000,
        all_from_inside=True,  # else its sensor would listen, and say nothing
    )
    for half, vantage in ((OUTSIDE, internet), (INSIDE, sensor)):
        scope.add_entry(
            authorisation.pk,
            value=inventory.address(half),
            vantage_id=vantage.pk,
            by=by,
            port_hints=inventory.hints,
        )
    return scope.sign(authorisation.pk, by=by)


def _write(path: Path, content: dict[str, Any]) -> None:
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=1))
    draft.replace(path)
