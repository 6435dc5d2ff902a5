"""RDP and VNC: the fronts of opencanary, on Twisted over this process's loop."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from plant.stacks import Place

log = logging.getLogger(__name__)


class _Config:
    """The settings that the fronts ask for: all of them at their defaults."""

    def getVal(self, name: str, default: Any = "") -> Any:  # noqa: N802, ARG002 - opencanary's name
        return default


class _Logger:
    """Where the fronts report what they saw."""

    LOG_RDP, LOG_VNC = 14001, 12001

    def log(self, data: dict[str, Any]) -> None:
        log.info("%s", data)


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve the sign-in of a remote desktop; nobody can sign in."""
    reactor = _reactor()
    factory = _factory(place.service.protocol)
    port = reactor.listenTCP(place.port, factory, interface=place.address)
    try:
        yield
    finally:
        port.stopListening()


def _reactor() -> Any:
    """Return the Twisted reactor of this process, on the running asyncio loop."""
    import sys

    from twisted.internet import asyncioreactor

    if "twisted.internet.reactor" not in sys.modules:
        asyncioreactor.install(asyncio.get_running_loop())
    from twisted.internet import reactor

    return reactor


def _factory(protocol: str) -> Any:
    # Imported late: these modules bind the reactor that is installed by then.
    from opencanary.modules.rdp import CanaryRDP
    from opencanary.modules.vnc import CanaryVNC

    kind = {"rdp": CanaryRDP, "vnc": CanaryVNC}[protocol]
    return kind(config=_Config(), logger=_Logger())
