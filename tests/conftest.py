"""The cast: Northgate looks after Northmill and Eastholm; Mallory works at Eastholm."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test.utils import setup_databases, teardown_databases
from hypothesis import settings as properties
from pytest_django import DjangoDbBlocker

from exposure.models import Finding
from tenants.models import Provider, Role, Side, User, Workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.template import ensure_template

# How long an example takes depends on who else is busy: benches measure, tests do not.
properties.register_profile("no-clock", deadline=None)
properties.load_profile("no-clock")

# Programs of other environments: nothing here can import what they need.
collect_ignore_glob = ["stacks/hosts/*"]
pytest_plugins = ["tests.flows.fixtures", "tests.sign_in.fixtures"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser's tests last, however the others were shuffled.

    The browser keeps an event loop in this thread, in which Django refuses to use the
    database; the browser's tests do not need it, all others may.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session", autouse=True)
def _files_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep stored files in a folder that pytest throws away."""
    settings.FILES_DIR = tmp_path_factory.mktemp("files")


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Let the owner copy the migrated database; the others connect to the copy.

    Tests that run side by side have a copy each.
    """
    ensure_template()
    with django_db_blocker.unblock():
        config = setup_databases(
            verbosity=0,
            interactive=False,
            aliases=["owner", "default", "dispatch"],
            serialized_aliases=[],
        )
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()
        teardown_databases(config, verbosity=0)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Start each test with an empty cache: counters of one test stop no other."""
    cache.clear()


@pytest.fixture
def northgate(db: None) -> Provider:
    """The security provider."""
    return Provider.objects.create(slug="northgate", name="Northgate")


@pytest.fixture
def northmill(northgate: Provider) -> Workspace:
    """The customer of most tests."""
    return factories.make_workspace(northgate, "Northmill Dairy")


@pytest.fixture
def eastholm(northgate: Provider) -> Workspace:
    """Another customer of the same provider."""
    return factories.make_workspace(northgate, "Eastholm Brewing")


@pytest.fixture
def ana(northmill: Workspace) -> User:
    """The provider's analyst, for Northmill."""
    user = factories.make_user("ana@northgate.example", "Ana Torres")
    factories.make_member(northmill, user, role=Role.ANALYST)
    return user


@pytest.fixture
def ida(northmill: Workspace) -> User:
    """Northmill's IT owner."""
    user = factories.make_user("ida@northmill.example", "Ida Larsen")
    factories.make_member(northmill, user, role=Role.OWNER, side=Side.IT)
    return user


@pytest.fixture
def otto(northmill: Workspace) -> User:
    """Northmill's OT owner."""
    user = factories.make_user("otto@northmill.example", "Otto Brandt")
    factories.make_member(northmill, user, role=Role.OWNER, side=Side.OT)
    return user


@pytest.fixture
def mallory(eastholm: Workspace) -> User:
    """OT owner at another customer; to Northmill a stranger."""
    user = factories.make_user("mallory@eastholm.example", "Mallory Reed")
    factories.make_member(eastholm, user, role=Role.OWNER, side=Side.OT)
    return user


@pytest.fixture
def in_northmill(northmill: Workspace) -> Iterator[Workspace]:
    """Work inside Northmill's scope."""
    with workspace_scope(northmill.id):
        yield northmill


@pytest.fixture
def finding(in_northmill: Workspace, ida: User) -> Finding:
    """The open programming port of PLC-P21, seen from the internet."""
    site = factories.make_site()
    zone = factories.make_zone(site)
    line = factories.make_line(site)
    asset = factories.make_asset(zone, line=line, sends_packets=False)
    authorisation = factories.make_authorisation(site, signed_by=ida)
    factories.make_entry(authorisation, "127.77.1.14")
    service = factories.make_service(asset, factories.make_run(authorisation))
    return factories.make_finding(service)
