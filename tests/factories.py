"""Plain functions that make rows; each fills in what a test does not care about."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from exposure.logic.priority import Mission, Safety
from exposure.models import (
    Asset,
    AssetKind,
    Authorisation,
    Basis,
    Conduit,
    Endpoint,
    Evidence,
    EvidenceKind,
    Finding,
    FindingState,
    Line,
    Observation,
    Run,
    RunState,
    Schedule,
    ScopeEntry,
    Service,
    Site,
    Vantage,
    Zone,
)
from tenants.models import (
    Membership,
    Provider,
    Role,
    Side,
    Staff,
    User,
    Workspace,
    next_number,
)
from tenants.models.memberships import PROVIDER_ROLES
from tests.sessions import session_of

PASSWORD = "correct horse battery staple"


def make_user(email: str, name: str) -> User:
    """Make an account that can sign in with PASSWORD."""
    return User.objects.create_user(email=email, name=name, password=PASSWORD)


def signed_in(client: Client, user: User) -> Client:
    """Let a person have signed in with the password just now."""
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
    return client


def make_provider(name: str) -> Provider:
    """Make a provider; the slug is its name in small letters."""
    return Provider.objects.create(name=name, slug=name.lower())


def make_workspace(provider: Provider, name: str) -> Workspace:
    """Make a customer; the slug is the first word of its name."""
    return Workspace.objects.create(
        provider=provider, name=name, slug=name.split()[0].lower()
    )


def make_member(
    workspace: Workspace,
    user: User,
    *,
    role: Role,
    side: Side = Side.NONE,
    **values: Any,
) -> Membership:
    """Make a person a member; the provider's people for a day, and employed."""
    if role in PROVIDER_ROLES:
        values.setdefault("expires_at", timezone.now() + dt.timedelta(days=1))
        values.setdefault("reason", "Looks after the plant.")
        Staff.objects.get_or_create(
            provider=workspace.provider, user=user, defaults={"role": role.value}
        )
    return Membership.objects.create(
        workspace=workspace, user=user, role=role, side=side, **values
    )


def membership_of(user: User) -> Membership:
    """Return the one membership of a person."""
    return Membership.objects.select_related("user", "workspace").get(user=user)


def commit() -> None:
    """Let the database chain what this test wrote, as a commit does."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def make_site(name: str = "Thornby plant") -> Site:
    """Make a plant in the current workspace."""
    return Site.objects.create(name=name)


def make_zone(site: Site, name: str = "Cell 2", level: float = 1) -> Zone:
    """Make a zone."""
    return Zone.objects.create(site=site, name=name, level=level)


def make_line(site: Site, name: str = "Pasteuriser 2", **values: Any) -> Line:
    """Make a production line of consequence class C3 unless told otherwise."""
    values.setdefault("hourly_cost", 4200)
    values.setdefault("safety", Safety.CRITICAL.value)
    values.setdefault("mission", Mission.MEF_FAILURE.value)
    return Line.objects.create(site=site, name=name, **values)


def make_asset(
    zone: Zone, name: str = "PLC-P21", *, address: str = "", **values: Any
) -> Asset:
    """Make an asset; with `address`, it answers there."""
    values.setdefault("kind", AssetKind.PLC)
    asset = Asset.objects.create(site=zone.site, zone=zone, name=name, **values)
    if address:
        Endpoint.objects.create(asset=asset, address=address)
    return asset


def make_conduit(
    site: Site,
    name: str,
    *,
    from_zone: Zone | None,
    to_zone: Zone | None = None,
    to_asset: Asset | None = None,
    basis: Basis = Basis.IMPORTED,
    ports: tuple[int, ...] = (),
) -> Conduit:
    """Make a conduit."""
    return Conduit.objects.create(
        site=site,
        name=name,
        from_zone=from_zone,
        to_zone=to_zone,
        to_asset=to_asset,
        basis=basis,
        ports=list(ports),
        source="Firewall export of 12 November",
    )


def make_vantage(name: str = "Internet", zone: Zone | None = None) -> Vantage:
    """Make, or find, a vantage."""
    return Vantage.objects.get_or_create(name=name, defaults={"zone": zone})[0]


def make_authorisation(
    site: Site, *, signed_by: User | None, **values: Any
) -> Authorisation:
    """Make an authorisation that is valid today; unsigned when `signed_by` is None."""
    now = timezone.now()
    values.setdefault("reference", "TH-2026-04")
    values.setdefault("valid_from", now - dt.timedelta(days=1))
    values.setdefault("valid_until", now + dt.timedelta(days=30))
    return Authorisation.objects.create(
        site=site,
        statement="You may look at these addresses, reading only.",
        signed_by=signed_by,
        signed_at=now if signed_by else None,
        **values,
    )


def make_entry(
    authorisation: Authorisation, value: str, *, vantage: Vantage | None = None
) -> ScopeEntry:
    """Add an entry to a scope."""
    return ScopeEntry.objects.create(
        authorisation=authorisation, value=value, vantage=vantage or make_vantage()
    )


def make_run(
    authorisation: Authorisation, *, state: RunState = RunState.FINISHED
) -> Run:
    """Make a run."""
    return Run.objects.create(
        number=next_number("run"),
        site=authorisation.site,
        authorisation=authorisation,
        state=state,
    )


def make_schedule(authorisation: Authorisation, **values: Any) -> Schedule:
    """Make a schedule for every day at two in the morning, due tomorrow."""
    values.setdefault("profile", "gentle")
    values.setdefault("every", "daily")
    values.setdefault("at", dt.time(2, 0))
    values.setdefault("zone", "Europe/London")
    values.setdefault("next_at", timezone.now() + dt.timedelta(days=1))
    return Schedule.objects.create(
        site=authorisation.site, authorisation=authorisation, **values
    )


def make_service(
    asset: Asset,
    run: Run,
    *,
    port: int = 102,
    protocol: str = "s7",
    address: str = "127.77.1.14",
    vantage: Vantage | None = None,
    product: str = "",
) -> Service:
    """Make a service that was seen in `run`."""
    now, vantage = timezone.now(), vantage or make_vantage()
    observation = Observation.objects.create(
        run=run,
        vantage=vantage,
        at=now,
        address=address,
        port=port,
        probe=protocol,
        probe_version=1,
        outcome="identified",
        level="L3",
        facts={"order_number": "6ES7 315-2EH14-0AB0"},
        exchanges=[{"at": 0.0, "direction": "sent", "hex": "0300"}],
    )
    return Service.objects.create(
        asset=asset,
        vantage=vantage,
        address=address,
        port=port,
        protocol=protocol,
        product=product,
        observation=observation,
        first_run=run,
        last_run=run,
        first_seen=now,
        last_seen=now,
    )


def make_finding(service: Service, **values: Any) -> Finding:
    """Make an open, validated finding with one item of evidence."""
    values.setdefault("check_id", "s7-open")
    values.setdefault("check_version", 1)
    values.setdefault("state", FindingState.OPEN)
    values.setdefault("grade", "E4")
    values.setdefault("threat", "public_poc")
    values.setdefault("gives", "control")
    values.setdefault("technique", "T0843")
    values.setdefault("title", f"Anyone can program {service.asset.name}")
    finding = Finding.objects.create(
        number=next_number("finding"),
        asset=service.asset,
        service=service,
        revision=1,
        evidence_hash="a" * 64,
        detected_at=timezone.now(),
        **values,
    )
    Evidence.objects.create(
        finding=finding,
        observation=service.observation,
        run=service.last_run,
        revision=1,
        kind=EvidenceKind.CHECK,
        holds=True,
        grade=finding.grade,
        title="The controller answers without a password",
        vantage_name=service.vantage.name,
        check_id=finding.check_id,
        check_version=1,
        at=timezone.now(),
        sha256="b" * 64,
    )
    return finding
