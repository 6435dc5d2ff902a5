"""EtherNet/IP: cpppo answers as a ControlLogix 1756-L61."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any

from cpppo.dotdict import apidict
from cpppo.server.enip import logix
from cpppo.server.enip.main import main

from plant.records import Record
from plant.stacks import Place

TAGS = ("FILL_SPEED=REAL", "BOTTLES=DINT[10]", "RECIPE=SSTRING")


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve the identity and a few tags, over TCP and UDP, from a thread."""
    record = Record(place.state.record(place.host.key))
    control = apidict(timeout=1.0)
    failed: list[OSError] = []

    def process(addr: Any, data: Any, **kwds: Any) -> Any:
        _note(record, addr, data)
        return logix.process(addr, data=data, **kwds)

    def run() -> None:
        where = f"{place.address}:{place.port}"
        try:
            main(
                ["--no-config", "--address", where, *TAGS],
                enip_process=process,
                server={"control": control},
            )
        except OSError as error:
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        while "address_udp" not in control:
            if failed:
                raise failed[0]
            await asyncio.sleep(0.02)
        yield
    finally:
        control["done"] = True
        await asyncio.to_thread(thread.join, 2.0)


def _note(record: Record, addr: Any, data: Any) -> None:
    """Write down one request as the server parsed it; no data means the session ended."""
    if "request.enip" not in data:
        record.add(f"Session ended by {addr}", code=0)
        return
    enip = data["request.enip"]
    payload = bytes(bytearray(enip.get("input") or b"")).hex()
    text = f"Command {enip.command:#06x} from {addr} with {payload or 'no data'}"
    record.add(text, code=int(enip.command))
