"""MELSEC (SLMP): aslmp's simulator of an FX5U, which takes one connection at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aslmp.testing import PlcSimulator
from aslmp.testing.server import Entry

from plant.stacks import Place


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve one connection entry in binary 3E frames."""
    entry = Entry(name="line", protocol="tcp", port=place.port)
    async with PlcSimulator(entries=[entry], host=place.address):
        yield
