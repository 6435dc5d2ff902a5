"""Packages for the tests are installed where that is one safe command, else named."""

import subprocess

import pytest

from launcher import debian


class Said:
    """Collects what would be on the terminal."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        """Take down one line."""
        self.lines.append(text)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A machine with nothing but apt-get, and the commands that were run on it."""
    ran: list[list[str]] = []

    def which(program: str, **_: str) -> str | None:
        return "/usr/bin/apt-get" if program == "apt-get" else None

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(debian.shutil, "which", which)
    monkeypatch.setattr(debian.subprocess, "run", run)
    return ran


def test_root_gets_what_is_missing(
    bare: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian.os, "geteuid", lambda: 0)

    debian.ensure_network_tools(Said())  # type: ignore[arg-type] # as a terminal

    assert [command[0] for command in bare] == ["apt-get", "apt-get"]
    assert bare[1][-3:] == ["nmap", "nftables", "iproute2"]


def test_others_are_told_the_names(
    bare: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    said = Said()

    debian.ensure_network_tools(said)  # type: ignore[arg-type] # as a terminal

    assert bare == []
    assert "nmap, nftables, iproute2" in said.lines[0]
