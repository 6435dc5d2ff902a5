"""One customer with many findings, as rows; every id begins with the customer's tag.

The loader writes the same rows for each customer, with another tag.
"""

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Any

from django.db import models

from exposure.logic.checks import CHECKS
from exposure.models import (
    Asset,
    Authorisation,
    Basis,
    Conduit,
    Endpoint,
    Finding,
    FindingState,
    Line,
    Observation,
    Run,
    RunState,
    Service,
    Site,
    Vantage,
    Zone,
)
from tenants.models import Membership, Role, Side, User, Workspace

TAG = "eeeeeeee"
NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
PRODUCTS = (
    *(f"Siemens SIMATIC S7-1500 V2.{n}" for n in range(12)),
    *(f"Schneider Electric Modicon M340 V3.{n}" for n in range(8)),
    *(f"Rockwell ControlLogix 5580 V33.{n}" for n in range(8)),
    *(f"nginx 1.{n}" for n in range(12, 24)),
    "OpenSSH 9.2p1",
    "",
)
LEVELS = (4, 3.5, 3, 2, 2, 2, 1, 1, 1, 1)
GRADES = ("E1", "E1", "E2", "E2", "E3", "E4")


def key(kind: int, number: int = 0) -> uuid.UUID:
    """Return the id of a row of this customer."""
    return uuid.UUID(f"{TAG}-{kind:04x}-7000-8000-{number:012x}")


WORKSPACE = key(0)


def address(n: int) -> str:
    """Return the address of an asset."""
    return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


class Template:
    """The rows of one customer, in the order in which tables refer to each other."""

    people = (Workspace, User, Membership)

    def __init__(self, findings: int, *, provider: uuid.UUID, ana: uuid.UUID) -> None:
        """Make the rows up to the findings; the same size gives the same rows."""
        self.findings, self.provider, self.ana = findings, provider, ana
        self.luck = random.Random(findings)  # noqa: S311 - reproducible, not a secret
        self.rows: dict[type[models.Model], list[Any]] = {}
        self._people()
        self._plant()
        self._services()
        self._findings()

    def store(self) -> None:
        """Insert what was made, inside the scope of the workspace, and forget it."""
        for model, rows in self.rows.items():
            model._default_manager.bulk_create(rows, batch_size=2000)
        self.rows = {}

    def add(self, *rows: models.Model) -> None:
        """Keep rows for their table."""
        for row in rows:
            if not isinstance(row, User | Workspace):
                row.workspace_id = WORKSPACE  # type: ignore[attr-defined]  # all others have one
            self.rows.setdefault(type(row), []).append(row)

    def of(self, kind: type[models.Model]) -> list[Any]:
        """Return the rows of one table."""
        return self.rows[kind]

    def _people(self) -> None:
        workspace = Workspace(
            id=WORKSPACE,
            slug=f"w{TAG}",
            name=f"Works {TAG}",
            provider_id=self.provider,
            created_at=NOW,
        )
        self.add(workspace)
        for place, side in enumerate((Side.IT, Side.OT)):
            person = User(
                id=key(1, place),
                email=f"{side}@{TAG}.example",
                name=f"Owner {side}",
                password="!",
                created_at=NOW,
            )
            self.add(person)
            self.add(
                Membership(
                    id=key(2, place),
                    user_id=person.pk,
                    role=Role.OWNER,
                    side=side,
                    created_at=NOW,
                )
            )
        self.add(
            Membership(
                id=key(2, 2),
                user_id=self.ana,
                role=Role.ANALYST,
                expires_at=NOW + dt.timedelta(days=3650),
                reason="Looks after the plant.",
                created_at=NOW,
            )
        )

    def _plant(self) -> None:
        site = Site(id=key(10), name="Main plant")
        self.add(site)
        for n, level in enumerate(LEVELS):
            self.add(
                Zone(id=key(11, n), site_id=site.pk, name=f"Zone {n}", level=level)
            )
        for n in range(8):
            self.add(
                Line(
                    id=key(12, n),
                    site_id=site.pk,
                    name=f"Line {n}",
                    hourly_cost=1000 + n,
                    safety="critical",
                    mission="mef_failure",
                )
            )
        for n in range(max(20, self.findings // 10)):
            zone = n % len(LEVELS)
            self.add(
                Asset(
                    id=key(13, n),
                    site_id=site.pk,
                    zone_id=key(11, zone),
                    line_id=key(12, n % 8)
                    if LEVELS[zone] == 1 and n % 50 > 40
                    else None,
                    name=f"{('SRV', 'HMI', 'PLC')[min(2, zone // 3)]}-{n:05d}",
                ),
                Endpoint(id=key(14, n), asset_id=key(13, n), address=address(n)),
            )
        for n in range(len(LEVELS) - 1):
            self.add(
                Conduit(
                    id=key(15, n),
                    site_id=site.pk,
                    name=f"Rule {n}",
                    from_zone_id=key(11, n),
                    to_zone_id=key(11, n + 1),
                    ports=[102, 502, 443],
                    basis=Basis.IMPORTED,
                    source="Firewall export",
                )
            )

    def _services(self) -> None:
        permission = Authorisation(
            id=key(16),
            site_id=key(10),
            reference="A-1",
            statement="Reading only.",
            valid_from=NOW - dt.timedelta(days=300),
            valid_until=NOW + dt.timedelta(days=3650),
            signed_by_id=key(1, 0),
            signed_at=NOW,
        )
        outside = Vantage(id=key(17), name="Internet")
        inside = Vantage(id=key(17, 1), name="Sensor", zone_id=key(11, 2))
        self.add(permission, outside, inside)
        for n in range(3):
            at = NOW - dt.timedelta(days=30 * (3 - n))
            self.add(
                Run(
                    id=key(18, n),
                    number=n + 1,
                    site_id=key(10),
                    authorisation_id=permission.pk,
                    state=RunState.FINISHED,
                    requested_at=at,
                    started_at=at,
                    finished_at=at + dt.timedelta(hours=1),
                )
            )
        for n in range(self.findings * 2 // 5):
            self.add(*self._service(n))

    def _service(self, n: int) -> Iterator[models.Model]:
        asset = n % len(self.of(Asset))
        check = CHECKS[n % len(CHECKS)]
        seen = {
            "address": address(asset),
            "port": 102 + n // len(self.of(Asset)),
            "vantage_id": key(17, 0 if asset % 10 == 0 else 1),
        }
        yield Observation(
            id=key(19, n),
            run_id=key(18, 2),
            at=NOW,
            probe=check.probe,
            probe_version=1,
            outcome="identified",
            level="L3",
            **seen,
        )
        yield Service(
            id=key(20, n),
            asset_id=key(13, asset),
            protocol=check.probe,
            product=PRODUCTS[n % len(PRODUCTS)],
            observation_id=key(19, n),
            first_run_id=key(18, 0),
            last_run_id=key(18, 2),
            first_seen=NOW - dt.timedelta(days=90),
            last_seen=NOW - dt.timedelta(minutes=n),
            **seen,
        )

    def _findings(self) -> None:
        services = self.of(Service)
        for n in range(self.findings):
            service = services[n % len(services)]
            check = CHECKS[(n // len(services) + n) % len(CHECKS)]
            asset = self.of(Asset)[service.asset_id.int & 0xFFFFFFFFFFFF]
            self.add(
                Finding(
                    id=key(21, n),
                    number=n + 1,
                    asset_id=asset.pk,
                    service_id=service.pk,
                    check_id=f"{check.id}-{n // len(services)}",
                    check_version=1,
                    title=check.title.format(asset=asset.name),
                    state=self._state(n),
                    grade=self.luck.choice(GRADES),
                    threat=check.threat.value,
                    gives=check.gives,
                    revision=1,
                    evidence_hash="a" * 64,
                    detected_at=NOW - dt.timedelta(minutes=self.luck.randrange(100000)),
                )
            )

    def _state(self, n: int) -> str:
        """Return half of them closed, most of the others open."""
        if n % 2:
            return FindingState.DISPROVED if n % 20 == 1 else FindingState.CLOSED
        if n % 250 == 0:
            return FindingState.VALIDATING
        return FindingState.VERIFYING if n % 500 == 2 else FindingState.OPEN
