"""opencanary's FTP, Telnet, MSSQL, MySQL, Redis and MongoDB; each notes what it saw.

Its records go to the file that is named second, one name of a kind per line.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from twisted.internet import reactor

SERVICES = {
    "ftp": ("CanaryFTP", 2121),
    "telnet": ("Telnet", 2323),
    "mssql": ("MSSQL", 1433),
    "mysql": ("CanaryMySQL", 3306),
    "redis": ("CanaryRedis", 6379),
    "mongodb": ("CanaryMongoDB", 27017),
}
ADDRESS, RECORDS = sys.argv[1], Path(sys.argv[2])


class Config:
    """The settings that the modules ask for."""

    wanted = {"device.listen_addr": ADDRESS} | {
        f"{name}.port": port for name, (_, port) in SERVICES.items()
    }

    def getVal(self, name: str, default: Any = "") -> Any:  # noqa: N802 - opencanary's
        """Return a setting."""
        return self.wanted.get(name, default)


class Logger:
    """Where the modules report; the name of a kind stands for its number."""

    def __getattr__(self, name: str) -> str:
        return name

    def log(self, data: dict[str, Any], **_: Any) -> None:
        """Note the kind of what was seen."""
        with RECORDS.open("a") as file:
            file.write(f"{data.get('logtype')}\n")


# The real one ends the process where no file of settings lies about.
settings = ModuleType("opencanary.config")
settings.ConfigException = ValueError  # type: ignore[attr-defined]  # a stand-in
sys.modules["opencanary.config"] = settings

for name, (kind, _) in SERVICES.items():
    module = importlib.import_module(f"opencanary.modules.{name}")
    service = getattr(module, kind)(config=Config(), logger=Logger())
    service.getService().startService()
reactor.callWhenRunning(print, "ready", flush=True)
reactor.run()
