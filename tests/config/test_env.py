import base64
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch):
    def give(name: str, value: str) -> None:
        monkeypatch.setenv(f"SIGHTLINE_{name}", value)

    return give


def test_a_missing_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGHTLINE_SITE_URL", raising=False)

    with pytest.raises(ImproperlyConfigured, match="SIGHTLINE_SITE_URL"):
        env.env_url("SITE_URL", schemes={"https"})


@pytest.mark.parametrize(
    "value", ["ftp://plant.example", "http://plant.example:port", "plant", "http://"]
)
def test_a_malformed_address_is_named_and_never_repeated(given, value: str) -> None:
    given("SITE_URL", value)

    with pytest.raises(ImproperlyConfigured) as refused:
        env.env_url("SITE_URL", schemes={"http", "https"})

    assert "SIGHTLINE_SITE_URL" in str(refused.value)
    assert value not in str(refused.value)


@pytest.mark.parametrize(("value", "meant"), [("yes", True), ("0", False)])
def test_it_reads_a_yes_or_no(given, value: str, meant: object) -> None:
    given("DEMO", value)

    assert env.env_bool("DEMO", default=not meant) is meant


def test_a_maybe_stops_the_start(given) -> None:
    given("DEMO", "perhaps")

    with pytest.raises(ImproperlyConfigured, match="SIGHTLINE_DEMO"):
        env.env_bool("DEMO", default=False)


def test_a_secret_comes_from_a_file(given, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from the file\n")
    given("API_KEY_FILE", str(file))

    assert env.env_secret("API_KEY") == "from the file"


def test_a_secret_given_twice_stops_the_start(given, tmp_path: Path) -> None:
    given("API_KEY_FILE", str(tmp_path / "key"))
    given("API_KEY", "here too")

    with pytest.raises(ImproperlyConfigured, match="not both"):
        env.env_secret("API_KEY")


@pytest.mark.parametrize("value", ["short", base64.b64encode(b"x" * 31).decode(), "€"])
def test_a_key_of_the_wrong_length_is_refused(given, value: str) -> None:
    given("MASTER_KEY", value)

    with pytest.raises(ImproperlyConfigured, match="32 random bytes"):
        env.env_key("MASTER_KEY")


def test_ranges_are_read_and_nonsense_is_refused(given) -> None:
    given("SCAN_ALLOWED_PRIVATE_RANGES", "10.1.0.0/16, 127.77.0.0/16")
    assert [str(n) for n in env.env_networks("SCAN_ALLOWED_PRIVATE_RANGES")] == [
        "10.1.0.0/16",
        "127.77.0.0/16",
    ]

    given("SCAN_ALLOWED_PRIVATE_RANGES", "10.1.0.0/99")
    with pytest.raises(ImproperlyConfigured, match="SCAN_ALLOWED_PRIVATE_RANGES"):
        env.env_networks("SCAN_ALLOWED_PRIVATE_RANGES")


def test_resolvers_are_read_with_and_without_a_port(given) -> None:
    given("DNS_RESOLVERS", "192.0.2.53, 127.0.0.1:5353,[2001:db8::53]:54, 2001:db8::1")

    assert env.env_endpoints("DNS_RESOLVERS", port=53) == [
        ("192.0.2.53", 53),
        ("127.0.0.1", 5353),
        ("2001:db8::53", 54),
        ("2001:db8::1", 53),
    ]


@pytest.mark.parametrize("text", ["dns.example", "192.0.2.53:0", "192.0.2.53:70000"])
def test_a_resolver_that_is_no_address_stops_the_start(given, text: str) -> None:
    given("DNS_RESOLVERS", text)

    with pytest.raises(ImproperlyConfigured, match="DNS_RESOLVERS"):
        env.env_endpoints("DNS_RESOLVERS", port=53)


def test_a_database_on_a_socket_is_understood(given) -> None:
    given("DATABASE_URL", "postgresql://ws_app:p%40ss@/sightline?host=/run/pg")

    settings = env.env_database("DATABASE_URL")

    assert settings["HOST"] == "/run/pg"
    assert settings["NAME"] == "sightline"
    assert settings["PASSWORD"] == "p@ss"


@pytest.mark.parametrize(
    "value", ["mysql://a@b/c", "postgresql://host/", "postgresql:///db", "nonsense"]
)
def test_another_database_is_refused_without_its_password(given, value: str) -> None:
    given("DATABASE_URL", value)

    with pytest.raises(ImproperlyConfigured, match="SIGHTLINE_DATABASE_URL"):
        env.env_database("DATABASE_URL")


def test_a_folder_is_named_by_its_full_path(given) -> None:
    given("FILES_DIR", "/srv/files")
    assert str(env.env_folder("FILES_DIR")) == "/srv/files"

    given("FILES_DIR", "files")
    with pytest.raises(ImproperlyConfigured, match="full path of a folder"):
        env.env_folder("FILES_DIR")
