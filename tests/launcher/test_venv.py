"""The Python environment is built once, from the lock file, or not at all."""

import importlib.util
import os
import shutil
import subprocess
from collections import namedtuple

import pytest

from launcher.files import locked
from launcher.terminal import Fault, Progress
from launcher.venv import Venv

Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.fixture
def venv(tmp_path):
    """An environment with nothing in it; installers are never reached over a network."""
    (tmp_path / "requirements.lock").write_text("# nothing\n")
    return Venv(folder=tmp_path / ".venv", lock=tmp_path / "requirements.lock")


@pytest.fixture(autouse=True)
def pip(monkeypatch):
    """The interpreter of the tests may have no pip; that of an operator has."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())


@pytest.fixture
def installed(monkeypatch):
    """The installer's calls; each succeeds without doing anything."""
    calls = []
    real = subprocess.run

    def run(command, **options):
        if "install" not in command:
            return real(command, **options)
        calls.append([str(word) for word in command])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_it_installs_only_what_the_lock_file_has_hashes_for(venv, installed):
    venv.build(Progress())

    assert venv.is_ready()
    assert all("--require-hashes" in call for call in installed)
    assert str(venv.lock) in installed[-1]


def test_it_is_not_built_twice(venv, installed):
    venv.build(Progress())
    before = len(installed)

    venv.build(Progress())

    assert len(installed) == before


def test_it_is_brought_up_to_date_with_a_new_lock_file(venv, installed):
    venv.build(Progress())
    venv.lock.write_text("# something else\n")

    assert not venv.is_ready()
    venv.build(Progress())
    assert venv.is_ready()


def test_it_is_made_anew_when_a_build_was_interrupted(venv, installed):
    venv.folder.mkdir()
    (venv.folder / "half-done").touch()

    venv.build(Progress())

    assert not (venv.folder / "half-done").exists()


def test_it_is_made_anew_by_another_interpreter_of_the_same_version(
    venv, installed, monkeypatch
):
    venv.build(Progress())
    (venv.folder / "of-the-other").touch()
    monkeypatch.setattr(os.path, "realpath", lambda _: "/elsewhere/python3")

    assert not venv.is_ready()
    venv.build(Progress())

    assert venv.is_ready()
    assert not (venv.folder / "of-the-other").exists()


def test_it_falls_back_to_pip(venv, monkeypatch):
    used = []
    real = subprocess.run

    def run(command, **options):
        if "install" not in command:
            return real(command, **options)
        used.append("uv" if str(command[0]).endswith("/uv") else "pip")
        failed = used[-1] == "uv"
        return subprocess.CompletedProcess(command, int(failed), "", "UnknownIssuer")

    monkeypatch.setattr(subprocess, "run", run)
    venv.build(Progress())

    assert used == ["pip", "uv", "pip"]


def test_it_says_why_it_cannot_be_built(venv, monkeypatch):
    def run(command, **options):
        return subprocess.CompletedProcess(
            command, 1, "", "ERROR: No space left on device\nnotice: new pip"
        )

    monkeypatch.setattr(subprocess, "run", run)

    with pytest.raises(Fault, match="The disk is full"):
        venv.build(Progress())
    assert not venv.is_ready()


def test_it_says_that_pip_is_missing(venv, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(Fault, match="pip is missing"):
        venv.build(Progress())


def test_it_says_beforehand_that_the_disk_is_too_full(venv, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 99, 2**20))

    with pytest.raises(Fault, match=r"1\.0 MiB left, the packages need 700 MiB"):
        venv.build(Progress())


def test_it_names_a_lock_file_that_is_missing(venv):
    venv.lock.unlink()

    with pytest.raises(Fault, match=r"requirements.lock is missing"):
        venv.build(Progress())


def test_it_is_built_by_one_copy_at_a_time(venv):
    path = venv.folder.with_name(".venv.lock")

    with locked(path) as first, locked(path, wait=False) as second:
        assert (first, second) == (True, False)
