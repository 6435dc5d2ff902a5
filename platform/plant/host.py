"""One host of the plant: `python -m plant.host KEY --state DIR`.

It prints its report, one JSON line, when all its services listen and after each fix.
"""

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Collection
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path

from plant.hosts import HOSTS, Host, Service, host
from plant.listening import is_listening, why_not_free
from plant.stacks import MODULES, Place
from plant.state import State, read_fixed, write_json

POLL_SECONDS = 0.3
LISTEN_SECONDS = 20.0
"""How long a stack may take from its start until its port listens."""


class CannotServe(Exception):
    """A service cannot be offered; the text says which and why."""


class RunningHost:
    """Serves one host's services and says in its report how that went."""

    def __init__(self, which: Host, state: State, address: str) -> None:
        self._host = which
        self._state = state
        self._address = address
        self._open: dict[Service, AsyncExitStack] = {}
        self._fixed: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Serve until cancelled; follow the fixes file. Raises CannotServe."""
        try:
            await self._apply(self._wanted())
            while True:
                await asyncio.sleep(POLL_SECONDS)
                if (wanted := self._wanted()) != self._fixed:
                    await self._apply(wanted)
        except CannotServe as problem:
            self._report(up=False, problem=str(problem))
            raise
        finally:
            for service in list(self._open):
                await self._close(service)

    def _wanted(self) -> frozenset[str]:
        if not self._host.fixes:
            return frozenset()
        return read_fixed(self._state.wanted_fixes) & self._host.fixes

    async def _apply(self, fixed: frozenset[str]) -> None:
        """Make every service what the fixes say; untouched ones stay as they are."""
        changed = fixed ^ self._fixed
        for service in self._host.services:
            if {service.closed_by, service.guarded_by} & changed:
                await self._close(service)
            if service not in self._open and service.closed_by not in fixed:
                await self._start(service, fixed)
        self._fixed = fixed
        self._report(up=True)

    async def _start(self, service: Service, fixed: Collection[str]) -> None:
        place = Place(
            host=self._host,
            service=service,
            address=self._address,
            state=self._state,
            guarded=service.guarded or service.guarded_by in fixed,
        )
        where = place.address, place.port
        if problem := why_not_free(*where, transport=service.transport):
            raise CannotServe(f"{self._host.key}: {problem}")
        stack = AsyncExitStack()
        module = import_module(MODULES[service.protocol])
        await stack.enter_async_context(module.serve(place))
        self._open[service] = stack
        await self._until_listening(place)

    async def _until_listening(self, place: Place) -> None:
        clock = asyncio.get_running_loop()
        deadline = clock.time() + LISTEN_SECONDS
        transport = place.service.transport
        while not is_listening(place.address, place.port, transport=transport):
            if clock.time() > deadline:
                where = f"port {place.port} of {place.address}"
                message = f"{place.host.key}: {where} does not listen in time."
                raise CannotServe(message)
            await asyncio.sleep(0.02)

    async def _close(self, service: Service) -> None:
        if stack := self._open.pop(service, None):
            await stack.aclose()

    def _report(self, *, up: bool, problem: str = "") -> None:
        content = {
            "pid": os.getpid(),
            "up": up,
            "fixed": sorted(self._fixed),
            "problem": problem,
        }
        write_json(self._state.report(self._host.key), content)
        print(json.dumps(content), flush=True)


def serve_host(which: Host, state: State, *, address: str = "") -> int:
    """Serve the host until the process ends; return 1 if it cannot be served."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("plant", "aiohttp.access"):
        logging.getLogger(name).setLevel(logging.INFO)
    running = RunningHost(which, state, address or which.address)
    try:
        asyncio.run(running.run())
    except CannotServe as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def main() -> int:
    """Serve the host named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m plant.host", description="Serves one host of the plant."
    )
    parser.add_argument("key", choices=[each.key for each in HOSTS])
    parser.add_argument("--state", type=Path, required=True, metavar="DIR")
    parser.add_argument("--address", default="", help="instead of the host's own")
    options = parser.parse_args()
    state = State(options.state)
    state.prepare()
    return serve_host(host(options.key), state, address=options.address)


if __name__ == "__main__":
    sys.exit(main())
