"""A port that is taken is reported with its holder and the way out."""

import os
import socket
from dataclasses import replace

import pytest

from launcher.ports import check_ports
from launcher.settings import Settings
from launcher.terminal import Fault
from tests.launcher.stub import free_ports


@pytest.fixture
def settings():
    web, mailbox, smtp = free_ports(3)
    return Settings(port=web, mailbox_port=mailbox, smtp_port=smtp)


@pytest.mark.parametrize(
    ("field", "variable"),
    [("port", "PORT"), ("mailbox_port", "MAILBOX_PORT"), ("smtp_port", "SMTP_PORT")],
)
def test_it_names_the_holder_and_the_variable(settings, field, variable):
    address = ("127.0.0.1", getattr(settings, field))

    with socket.create_server(address), pytest.raises(Fault) as taken:
        check_ports(settings)

    assert f"taken by process {os.getpid()} (" in str(taken.value)
    assert f"SIGHTLINE_{variable}=" in str(taken.value)


def test_it_is_content_when_all_are_free(settings):
    check_ports(settings)


def test_it_says_when_the_address_is_not_ours(settings):
    with pytest.raises(Fault, match=r"SIGHTLINE_BIND: .* no address 192\.0\.2\.1"):
        check_ports(replace(settings, bind="192.0.2.1"))
