"""A site of Northmill with a signed scope, committed, so that threads see it."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connections
from pytest_django import Settings

from exposure.models import Authorisation, Run, Service, Site, Vantage
from exposure.services import asking, discovery, looking, runs
from tenants.models import Membership, Provider, Role, Side, User, Workspace
from tenants.scope import bind_workspace, workspace_scope
from tests import factories
from tests.exposure.services.servers import free_port


@pytest.fixture(autouse=True)
def here(settings: Settings) -> None:
    """Let this installation scan the addresses of these tests, and no other private ones."""
    settings.SCAN_ALLOWED_PRIVATE_RANGES = (
        ipaddress.ip_network("127.78.0.0/15"),
        ipaddress.ip_network("127.80.0.0/16"),
    )


@dataclass
class Yard:
    """What a discovery test works on; every method is a transaction of its own."""

    workspace: Workspace
    ida: User
    site: Site
    authorisation: Authorisation
    port: int

    def permit(
        self, value: str, *, hint: str = "http", port: int | str | None = None
    ) -> None:
        """Put an entry into the scope, with one port that is worth a look."""
        with workspace_scope():
            entry = factories.make_entry(self.authorisation, value)
            entry.port_hints = {str(port or self.port): hint}
            entry.save()

    def hurry(self, packets_per_second: int) -> None:
        """Set how fast a run may go."""
        self.authorisation.packets_per_second = packets_per_second
        with workspace_scope():
            self.authorisation.save()

    def new_run(self) -> Run:
        """Ask for a run."""
        with workspace_scope():
            return runs.start_run(self.authorisation.pk, by=self.ida)

    def discover(self) -> Run:
        """Ask for a run and do it up to its second check."""
        run = self.new_run()
        discovery.discover(run.pk, heartbeat=lambda: None)
        return self.fresh(run)

    def fresh(self, run: Run) -> Run:
        """Return the run as it is now."""
        with workspace_scope():
            return Run.objects.get(pk=run.pk)

    def end(self, run: Run) -> None:
        """End a run, so that another one can start."""
        with workspace_scope():
            Run.objects.filter(pk=run.pk).update(state="finished")

    def services(self) -> list[Service]:
        """Return what was seen."""
        with workspace_scope():
            rows = Service.objects.select_related("asset", "observation")
            return list(rows.order_by("address", "port"))

    def log(self, run: Run) -> str:
        """Return the log of a run as one text."""
        with workspace_scope():
            return "\n".join(
                f"{event.target} {event.text}" for event in run.events.order_by("at")
            )


@pytest.fixture
def yard(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    """The yard; only ports that the scope hints at are looked at, to be quick."""
    provider = Provider.objects.create(slug="northgate", name="Northgate")
    workspace = factories.make_workspace(provider, "Northmill Dairy")
    ida = factories.make_user("ida@northmill.example", "Ida Larsen")
    factories.make_member(workspace, ida, role=Role.OWNER, side=Side.IT)
    monkeypatch.setattr(looking, "ports_of_interest", sorted)
    monkeypatch.setattr(asking, "udp_ports_of_interest", sorted)
    with bind_workspace(workspace.id):
        with workspace_scope():
            site = factories.make_site()
            authorisation = factories.make_authorisation(site, signed_by=ida)
        yield Yard(workspace, ida, site, authorisation, free_port())
    connections["default"].close()


@pytest.fixture
def scope(in_northmill: Workspace, ida: User) -> Authorisation:
    """A signed scope of one address."""
    authorisation = factories.make_authorisation(factories.make_site(), signed_by=ida)
    factories.make_entry(authorisation, "127.79.1.1")
    return authorisation


@pytest.fixture
def vantage(in_northmill: Workspace) -> Vantage:
    """The internet, to look from."""
    return factories.make_vantage()


def member(user: User) -> Membership:
    """Return what a person is in the only workspace."""
    return Membership.objects.select_related("user", "workspace").get(user=user)
