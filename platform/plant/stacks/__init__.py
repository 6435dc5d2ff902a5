"""One module per protocol: each serves one service of a host until it is left.

A module offers `serve(place)`, an asynchronous context manager. Inside it the service
answers; leaving it closes the port.
"""

from dataclasses import dataclass

from plant.hosts import Host, Service, actual_port
from plant.state import State

MODULES = {
    "http": "plant.stacks.web",
    "https": "plant.stacks.web",
    "s7": "plant.stacks.s7",
    "modbus": "plant.stacks.modbus",
    "enip": "plant.stacks.enip",
    "opcua": "plant.stacks.opcua",
    "mqtt": "plant.stacks.mqtt",
    "ssh": "plant.stacks.ssh",
    "rdp": "plant.stacks.desktop",
    "vnc": "plant.stacks.desktop",
    "bacnet": "plant.stacks.bacnet",
    "melsec": "plant.stacks.melsec",
    "iec104": "plant.stacks.iec104",
}


@dataclass(frozen=True)
class Place:
    """Where and how one service of a host is served."""

    host: Host
    service: Service
    address: str
    state: State
    guarded: bool = False
    """Whether the service asks who is there."""

    @property
    def port(self) -> int:
        """The port number on this machine."""
        return actual_port(self.service.port)
