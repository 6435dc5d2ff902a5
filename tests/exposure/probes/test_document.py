"""The page that lists what the probes send."""

from pathlib import Path

import pytest

from exposure.probes.base import Probe
from exposure.probes.registry import PROBES

PAGE = (Path(__file__).parents[3] / "docs" / "probes.md").read_text()
CONTINUOUS = "".join(PAGE.split())


@pytest.mark.parametrize(
    "message",
    [message for probe in PROBES for message in probe.messages],
    ids=lambda message: message[:12].hex(),
)
def test_it_shows_every_message(message: bytes) -> None:
    text = message.decode("latin-1").replace("\r", "").strip()
    if message.endswith(b"\n") and text.isascii():
        assert f"\n{text}\n" in PAGE
    else:
        assert message.hex() in CONTINUOUS


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_it_names_every_port(probe: Probe) -> None:
    ports = probe.ports

    # Ports 5900 to 5903 are written as a range.
    assert all(str(port) in PAGE for port in ports if port not in (5901, 5902))
