"""Siemens S7: the C library snap7 answers as a CPU 315-2 PN/DP."""

import asyncio
import ctypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from snap7.server import Server
from snap7.types import LocalPort, srvAreaDB, srvAreaPA

from plant.records import Record
from plant.stacks import Place

# The library keeps a short queue; it is emptied often enough that none is dropped.
POLL_SECONDS = 0.05


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve a data block and the process image, readable without a password."""
    server = Server(log=False)
    areas = [(ctypes.c_uint8 * 256)(*range(256)), (ctypes.c_uint8 * 64)()]
    server.register_area(srvAreaDB, 1, areas[0])
    server.register_area(srvAreaPA, 0, areas[1])
    server.set_param(LocalPort, place.port)
    try:
        server.start_to(place.address, place.port)
    except RuntimeError as error:
        # The library reports a failed bind as an error of its own.
        raise OSError(f"snap7 cannot listen: {error}") from error
    record = Record(place.state.record(place.host.key))
    reader = asyncio.create_task(_note_events(server, record))
    try:
        yield
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader
        server.stop()
        server.destroy()


async def _note_events(server: Server, record: Record) -> None:
    while True:
        while event := server.pick_event():
            text = server.event_text(event)
            record.add(text, code=event.EvtCode, at=event.EvtTime)
        await asyncio.sleep(POLL_SECONDS)
