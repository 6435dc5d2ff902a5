"""Modbus/TCP: pymodbus answers as a Modicon M340 with an energy meter's registers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymodbus import ModbusDeviceIdentification
from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from plant.records import Record
from plant.stacks import Place

IDENTITY = {
    "VendorName": "Schneider Electric",
    "ProductCode": "BMX P34 2020",
    "MajorMinorRevision": "v2.5",
    "VendorUrl": "www.se.com",
    "ProductName": "Modicon M340",
    "ModelName": "BMX P34 2020",
    "UserApplicationName": "Thornby boiler 1 metering",
}


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve unit 1 with 200 registers, and the device identity."""
    log = _Log(Record(place.state.record(place.host.key)))
    registers = SimData(address=0, count=200, values=17, datatype=DataType.REGISTERS)
    server = ModbusTcpServer(
        SimDevice(id=1, simdata=[registers]),
        identity=ModbusDeviceIdentification(info_name=IDENTITY),
        address=(place.address, place.port),
        trace_packet=log.packet,
        trace_pdu=log.pdu,
        trace_connect=log.connect,
    )
    await server.serve_forever(background=True)
    try:
        yield
    finally:
        await server.shutdown()


class _Log:
    """The server's trace hooks: what arrived, as bytes and as it was understood."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def packet(self, sending: bool, data: bytes) -> bytes:  # noqa: FBT001 - the hook's form
        if not sending:
            self._record.add(f"Received {data.hex()}", code=0)
        return data

    def pdu(self, sending: bool, pdu: ModbusPDU) -> ModbusPDU:  # noqa: FBT001 - the hook's form
        if not sending:
            self._record.add(f"Request {pdu}", code=pdu.function_code)
        return pdu

    def connect(self, connected: bool) -> None:  # noqa: FBT001 - the hook's form
        text = "Client connected" if connected else "Client disconnected"
        self._record.add(text, code=0)
