"""A target that sends us to a metadata service, with a listener there that hears nothing."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.plant.running import ROOT

# Runs in a network namespace of its own, so that the real metadata address can be taken.
PROGRAM = """
import asyncio, json, subprocess
from exposure.logic.scope import Permit
from exposure.probes.runner import Host, OpenPort, visit_hosts

for words in ("link set lo up", "addr add 169.254.169.254/32 dev lo"):
    subprocess.run(["ip", *words.split()], check=True)

async def main():
    heard = []
    async def metadata(reader, writer):
        heard.append(1)
        writer.close()
    async def web(reader, writer):
        await reader.read(1000)
        writer.write(b"HTTP/1.1 302 Found\\r\\nLocation: http://169.254.169.254/latest\\r\\n"
                     b"Refresh: 0; url=http://169.254.169.254/\\r\\n\\r\\n"
                     b"<title>SIMATIC</title><img src=http://169.254.169.254/x>")
        writer.close()
    async with await asyncio.start_server(metadata, "169.254.169.254", 80):
        async with await asyncio.start_server(web, "127.0.0.1", 8080):
            hosts = [Host("127.0.0.1", [OpenPort(8080)])]
            seen = visit_hosts(
                hosts, permit=lambda *_: Permit("test"), should_stop=lambda: False
            )
            said = [each async for each in seen]
    locations = [s.facts.get("location") for s in said if hasattr(s, "facts")]
    print(json.dumps({"heard": len(heard), "locations": locations}))

asyncio.run(main())
"""


def test_a_redirect_to_a_metadata_address_is_noted_and_not_followed() -> None:
    if not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("This needs unshare (util-linux) and ip (iproute2).")
    command = ["unshare", "-rn", sys.executable, "-c", PROGRAM]

    done = subprocess.run(  # noqa: S603 - our own program
        command,
        env={
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    if "unshare" in done.stderr and not done.stdout:
        pytest.skip("This machine gives no network namespaces: allow unshare -rn.")
    result = json.loads(done.stdout)
    assert result["heard"] == 0
    # It was asked twice, once for its health, because its title smells of a plant.
    assert result["locations"] == ["http://169.254.169.254/latest"] * 2
