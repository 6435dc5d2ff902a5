"""The start script refuses a variable that it does not understand."""

import base64

import pytest

from launcher.settings import read
from launcher.terminal import Fault


def test_it_starts_with_defaults():
    settings = read({"PATH": "/bin"})

    assert (settings.port, settings.bind, settings.demo) == (8600, "127.0.0.1", True)
    assert settings.site_url == "http://127.0.0.1:8600"


def test_it_refuses_an_unknown_name():
    with pytest.raises(Fault, match="SIGHTLINE_PROT: there is no such setting"):
        read({"SIGHTLINE_PROT": "8600"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "08600"),
        ("PORT", "٨٦٠٠"),
        ("BIND", "localhost"),
        ("HOME", "relative/folder"),
        ("DEMO", "perhaps"),
        ("MASTER_KEY", base64.b64encode(b"short").decode()),
        ("SECRET_KEY", "short"),
        ("ADMIN_DATABASE_URL", "mysql://a:b@c/d"),
        ("ADMIN_DATABASE_URL", "postgresql://a:b@c:port/d"),
        ("DATABASE_URL", "postgresql://host-without-role/d"),
        ("REDIS_URL", "http://127.0.0.1"),
        ("SITE_URL", "sightline.example"),
        ("EMAIL_URL", "mail.example"),
        ("EMAIL_FROM", "a@b.example\nBcc: c@d.example"),
        ("SCAN_ALLOWED_PRIVATE_RANGES", "10.0.0.1/8"),
        ("SECRET_KEY_FILE", "/no/such/file"),
    ],
)
def test_it_refuses_a_malformed_value_by_name(name, value):
    with pytest.raises(Fault) as refused:
        read({f"SIGHTLINE_{name}": value})

    assert str(refused.value).startswith(f"SIGHTLINE_{name}: ")
    assert value not in str(refused.value)


def test_it_names_everything_that_is_wrong_at_once():
    with pytest.raises(Fault) as refused:
        read({"SIGHTLINE_PORT": "x", "SIGHTLINE_DEMO": "x", "SIGHTLINE_X": "x"})

    assert str(refused.value).count("SIGHTLINE_") == 3


def test_it_refuses_one_port_for_two_servers():
    with pytest.raises(Fault, match="three different ports"):
        read({"SIGHTLINE_PORT": "8625"})


def test_it_takes_an_empty_variable_as_not_set():
    assert read({"SIGHTLINE_PORT": "", "SIGHTLINE_NONSENSE": ""}).port == 8600


@pytest.mark.parametrize(
    ("bind", "address"),
    [
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - parsed, not opened
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("127.0.0.2", "127.0.0.2"),
    ],
)
def test_it_knows_where_this_machine_reaches_the_page(bind, address):
    assert read({"SIGHTLINE_BIND": bind}).web_host == address
