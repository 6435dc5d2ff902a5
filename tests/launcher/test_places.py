"""The data folder is private, ours, and short enough for sockets."""

import os
import stat
from pathlib import Path

import pytest

from launcher.accounts import service_account
from launcher.places import Places, locate
from launcher.settings import Settings
from launcher.terminal import Fault

VAR_TMP = Path("/var/tmp")  # noqa: S108 - the name is the subject


def test_it_lies_in_the_checkout(room):
    assert locate(room, Settings()).state == room / ".sightline"


def test_it_shows_nothing_to_others(places):
    mode = stat.S_IMODE(places.state.stat().st_mode)

    # Root lets PostgreSQL's account walk through, nobody look inside.
    assert mode == (0o710 if service_account() else 0o700)
    assert stat.S_IMODE(places.logs.stat().st_mode) == 0o700


def test_it_moves_to_a_short_path_when_sockets_would_not_fit(room):
    deep = room / ("d" * 60)

    state = locate(deep, Settings()).state

    assert state.parent == VAR_TMP
    assert str(os.geteuid()) in state.name
    assert state != locate(room / ("e" * 60), Settings()).state


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account to let in")
def test_it_leaves_a_closed_checkout_closed(room):
    closed = room / "closed"
    closed.mkdir(mode=0o700)

    state = locate(closed, Settings()).state

    assert state.parent == VAR_TMP
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_it_refuses_a_chosen_path_that_is_too_long(room):
    with pytest.raises(Fault, match="SIGHTLINE_HOME: the path is too long"):
        locate(room, Settings(home=room / ("d" * 60)))


def test_it_refuses_a_folder_with_other_files(room):
    (room / "letter.txt").touch()

    with pytest.raises(Fault, match="holds other files"):
        Places(root=room, state=room).make()


def test_it_refuses_a_link_to_elsewhere(room):
    (room / "elsewhere").mkdir()
    (room / "data").symlink_to(room / "elsewhere")

    with pytest.raises(Fault, match="belongs to another user"):
        Places(root=room, state=room / "data").make()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_it_refuses_the_folder_of_another_user(room):
    (room / "data").mkdir()
    os.chown(room / "data", 65534, 65534)

    with pytest.raises(Fault, match="belongs to another user"):
        Places(root=room, state=room / "data").make()
