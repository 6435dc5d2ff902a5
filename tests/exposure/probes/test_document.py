"""The page that lists what the probes send."""

from pathlib import Path
from types import ModuleType

import pytest

from exposure.probes import (
    atg,
    codesys,
    crimson,
    fins_tcp,
    fox,
    gesrtp,
    hartip,
    pcworx,
    proconos,
)
from exposure.probes.base import Probe
from exposure.probes.registry import BY_NAME, PROBES

PAGE = (Path(__file__).parents[3] / "docs" / "probes.md").read_text()
CONTINUOUS = "".join(PAGE.split())


@pytest.mark.parametrize(
    "message",
    [message for probe in PROBES for message in probe.messages],
    ids=lambda message: message[:12].hex(),
)
def test_it_shows_every_message(message: bytes) -> None:
    text = message.decode("latin-1").replace("\r", "").strip()
    shown = text.isascii() and text.replace("\n", "").isprintable()
    if message.endswith(b"\n") and shown and not text.startswith("fox"):
        assert f"\n{text}\n" in PAGE
    else:
        assert message.hex() in CONTINUOUS


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_it_names_every_port(probe: Probe) -> None:
    ports = probe.ports

    # Ports 5900 to 5903 are written as a range.
    assert all(str(port) in PAGE for port in ports if port not in (5901, 5902))


@pytest.mark.parametrize(
    "module",
    [atg, codesys, crimson, fins_tcp, fox, gesrtp, hartip, pcworx, proconos],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_it_says_which_probes_were_tested_on_recordings_only(
    module: ModuleType,
) -> None:
    asked = module.PROBE.messages[0].hex()
    [section] = [part for part in PAGE.split("\n## ") if asked in "".join(part.split())]

    assert "Tested on recordings only" in " ".join(section.split())
    assert "Tested on recordings only" in " ".join((module.__doc__ or "").split())


@pytest.mark.parametrize("name", ["codesys", "hartip"])
def test_it_names_the_consent_that_a_probe_needs(name: str) -> None:
    assert f"only with the written consent `{BY_NAME[name].consent}`" in PAGE
