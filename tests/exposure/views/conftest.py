"""Northmill's plant with a path to a line, and people who open its pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from exposure.models import Basis, Finding, Line, Run, RunEvent
from exposure.services import rebuild
from tenants.models import User, Workspace
from tests import factories

# A response of the test client, which also has the context of its template.
Visit = Callable[..., Any]
# Beside the 15 of a page: a test wraps the request in a transaction of its own, so
# the scope makes a savepoint and puts the setting of before back.
MOST_QUERIES = 15 + 4
HTMX = {"HX-Request": "true"}


@pytest.fixture
def visit(northmill: Workspace) -> Visit:
    """Ask for a page of Northmill as somebody: `visit(ana, "runs/", post={...})`."""
    clients: dict[User | None, Client] = {}

    def ask(
        user: User | None,
        page: str,
        *,
        post: dict[str, Any] | None = None,
        htmx: bool = False,
    ) -> Any:
        if user not in clients:
            clients[user] = Client()
            if user is not None:
                factories.signed_in(clients[user], user)
        client = clients[user]
        headers = HTMX if htmx else {}
        path = f"/w/northmill/{page}"
        if post is None:
            return client.get(path, headers=headers)
        return client.post(path, post, headers=headers)

    return ask


@pytest.fixture
def run(finding: Finding) -> Run:
    """The finished run that saw the finding."""
    return Run.objects.get()


@pytest.fixture
def paths(finding: Finding, settings: Settings) -> Line:
    """A computed plant: PLC-P21 is open to all, a panel leads to Filler 1 by guesswork."""
    settings.PATH_WORLDS = 512
    site = finding.asset.site
    panels = factories.make_zone(site, "Panels", level=2)
    cell = factories.make_zone(site, "Cell 1", level=1)
    filler = factories.make_line(site, "Filler 1")
    panel = factories.make_asset(panels, "HMI-F1")
    plc = factories.make_asset(cell, "PLC-F11", line=filler, sends_packets=False)
    run = finding.service.first_run
    seen = factories.make_service(panel, run, port=80, address="127.77.1.15")
    factories.make_finding(seen, check_id="hmi-no-login", title="HMI-F1 is open to all")
    inside = factories.make_service(
        plc,
        run,
        port=44818,
        address="127.77.2.12",
        vantage=factories.make_vantage("Sensor", cell),
    )
    factories.make_finding(inside, check_id="enip-open", title="PLC-F11 obeys anyone")
    factories.make_conduit(
        site, "Panel to cell", from_zone=panels, to_zone=cell, basis=Basis.ASSUMED
    )
    rebuild.rebuild_paths()
    return filler


def say(run: Run, text: str, **values: Any) -> RunEvent:
    """Write a line into the log of a run."""
    return RunEvent.objects.create(run=run, at=run.requested_at, text=text, **values)
