"""IEC 60870-5-104: c104 as the outstation of a transformer station."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import c104

from plant.stacks import Place


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve station 47 with the grid's frequency."""
    server = c104.Server(ip=place.address, port=place.port)
    station = server.add_station(common_address=47)
    station.add_point(io_address=11, type=c104.Type.M_ME_NC_1).value = 49.98
    server.start()
    try:
        yield
    finally:
        server.stop()
