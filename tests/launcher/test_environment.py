"""Each process gets what it needs, and no more."""

from urllib.parse import parse_qs, urlsplit

import pytest

from launcher.environment import (
    django_environment,
    embedded_services,
    for_preparing,
    mailbox_environment,
    role_url,
)
from launcher.keys import new_keys
from launcher.places import Places
from launcher.settings import Settings, read

pytestmark = pytest.mark.usefixtures("nobody_listens_to_us")


@pytest.fixture
def keys():
    return new_keys()


@pytest.fixture
def services(tmp_path, keys):
    return embedded_services(
        keys=keys, postgres=tmp_path / "a b" / "s", valkey=tmp_path / "a b" / "v.sock"
    )


@pytest.fixture
def build(tmp_path, keys, services):
    def django(settings):
        places = Places(root=tmp_path, state=tmp_path / "state")
        return django_environment(places, settings, keys=keys, services=services)

    return django


def test_it_gives_each_role_its_own_password(build, keys, tmp_path):
    environment = build(Settings())

    app = urlsplit(environment["SIGHTLINE_DATABASE_URL"])
    assert (app.username, app.password) == ("ws_app", keys.app_password)
    assert parse_qs(app.query)["host"] == [str(tmp_path / "a b" / "s")]
    assert app.path == "/sightline"


def test_it_keeps_the_administrator_from_those_who_serve(build, keys, services):
    environment = build(Settings())

    assert keys.admin_password not in "".join(environment.values())
    prepared = for_preparing(environment, services=services, keys=keys)
    assert keys.admin_password in prepared["SIGHTLINE_ADMIN_DATABASE_URL"]


def test_what_was_compiled_is_kept_with_the_data(build, tmp_path):
    kept = build(Settings())["NUMBA_CACHE_DIR"]

    assert kept == str(tmp_path / "state" / "kernels")


def test_it_allows_loopback_targets_for_the_demo_only(build):
    demo, real = build(Settings()), build(Settings(demo=False))

    assert demo["SIGHTLINE_SCAN_ALLOWED_PRIVATE_RANGES"] == "127.77.0.0/16"
    assert "SIGHTLINE_SCAN_ALLOWED_PRIVATE_RANGES" not in real
    assert (demo["SIGHTLINE_DEMO"], real["SIGHTLINE_DEMO"]) == ("1", "0")


def test_it_lets_the_operator_decide(build):
    given = {"SIGHTLINE_SITE_URL": "https://x.example", "SIGHTLINE_TIME_ZONE": "UTC"}

    environment = build(read(given))

    assert environment["SIGHTLINE_SITE_URL"] == "https://x.example"
    assert environment["SIGHTLINE_TIME_ZONE"] == "UTC"


def test_it_gives_a_secret_once(build, tmp_path):
    (tmp_path / "key").write_text("k" * 40)

    environment = build(read({"SIGHTLINE_SECRET_KEY_FILE": str(tmp_path / "key")}))

    assert "SIGHTLINE_SECRET_KEY" not in environment


def test_it_reaches_the_roles_on_the_operators_own_server():
    url = role_url(
        "postgresql://boss:x@db:5433/postgres?sslmode=require", role="r", password="p"
    )

    assert url == "postgresql://r:p@db:5433/sightline?sslmode=require"


def test_it_drops_what_was_meant_for_other_programs(build, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "theirs.settings")
    monkeypatch.setenv("PGOPTIONS", "-c search_path=theirs")
    monkeypatch.setenv("SIGHTLINE_DEBUG", "1")

    environment = build(Settings())

    assert not {"DJANGO_SETTINGS_MODULE", "PGOPTIONS"} & environment.keys()
    assert environment["SIGHTLINE_DEBUG"] == "0"


def test_it_tells_the_mailbox_its_ports_and_no_secret(keys, tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_SECRET_KEY", "x" * 40)

    places = Places(root=tmp_path, state=tmp_path / "state")
    environment = mailbox_environment(places, Settings(bind="::"), keys=keys)

    assert environment["SIGHTLINE_MAILBOX_PORT"] == "8625"
    assert environment["SIGHTLINE_BIND"] == "127.0.0.1"
    assert "SIGHTLINE_SECRET_KEY" not in environment
