"""What the demo plant says of itself: its network, and ports it had to move."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

DEFAULT_NETWORK = "127.77"
PROTOCOLS = {22: "ssh", 80: "http", 102: "s7", 443: "https", 502: "modbus"}


@dataclass(frozen=True, slots=True)
class Inventory:
    """The first half of every address, and {standard port: port really used}.

    An ordinary user may not open the low ports, so the plant then moves them.
    """

    network: str = DEFAULT_NETWORK
    moved: dict[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str) -> Self:
        """Read the plant's file; without one, the usual addresses and ports."""
        if not path or not Path(path).exists():
            return cls()
        hosts: list[dict[str, Any]] = json.loads(Path(path).read_text())["hosts"]
        return cls(
            network=".".join(hosts[0]["address"].split(".")[:2]),
            moved={
                service["standard_port"]: service["port"]
                for host in hosts
                for service in host["services"]
                if service["port"] != service["standard_port"]
            },
        )

    def address(self, second_half: str) -> str:
        """Return a whole address or range."""
        return f"{self.network}.{second_half}"

    def port(self, standard: int) -> int:
        """Return the port that carries what a standard port carries elsewhere."""
        return self.moved.get(standard, standard)

    @property
    def hints(self) -> dict[str, str]:
        """Return {moved port: protocol}, as a scope entry wants it."""
        return {
            str(port): PROTOCOLS[standard]
            for standard, port in self.moved.items()
            if standard in PROTOCOLS
        }
