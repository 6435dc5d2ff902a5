"""BACnet/IP: bacpypes3 as a building controller with two points."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bacpypes3.app import Application
from bacpypes3.argparse import SimpleArgumentParser
from bacpypes3.local.analog import AnalogValueObject

from plant.stacks import Place

POINTS = {"Supply air temperature": 21.5, "Return air temperature": 23.1}


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve device 30015 with its points, to anyone who asks."""
    where = f"{place.address}/32:{place.port}"
    options = ["--name", place.host.key, "--instance", "30015", "--address", where]
    args = SimpleArgumentParser().parse_args(options)
    app = Application.from_args(args)
    device = app.device_object
    device.vendorName = "Siemens Schweiz AG"
    device.vendorIdentifier = 7
    device.modelName = "Desigo PXC4.E16"
    device.firmwareRevision = "1.20.35"
    device.location = "Thornby, filling hall"
    for number, (name, value) in enumerate(POINTS.items(), start=1):
        point = AnalogValueObject(
            objectIdentifier=("analogValue", number),
            objectName=name,
            presentValue=value,
        )
        app.add_object(point)
    try:
        yield
    finally:
        app.close()
