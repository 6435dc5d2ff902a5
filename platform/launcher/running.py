"""What a running product writes down about itself, for the other commands."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from launcher.children import Child, stop_identities
from launcher.files import is_locked, read_json, write_json
from launcher.places import Places
from launcher.processes import Identity, identity
from launcher.settings import Settings


@dataclass(frozen=True)
class Running:
    """The record: the supervisor, its address, its programs by name."""

    content: dict[str, Any]

    @property
    def pid(self) -> int:
        """The supervisor's number; 0 when it has not written one yet."""
        return int(self.content.get("pid", 0))

    @property
    def supervisor(self) -> Identity:
        """The supervisor's process."""
        return Identity(self.pid, str(self.content.get("started", "")))

    @property
    def address(self) -> str:
        """Where people find the product."""
        return str(self.content.get("address", "(no address yet)"))

    @property
    def is_ready(self) -> bool:
        """Whether everything answered at the end of the start."""
        return bool(self.content.get("ready"))

    @property
    def programs(self) -> dict[str, Identity]:
        """The programs' processes by name."""
        found = self.content.get("programs", {})
        return {
            name: Identity(int(one["pid"]), str(one["started"]))
            for name, one in found.items()
        }


def read_running(places: Places) -> Running:
    """Return the record, which may be one that a killed supervisor left."""
    return Running(read_json(places.running))


def is_running(places: Places) -> bool:
    """Return whether a supervisor lives; the kernel tells, not a file."""
    return is_locked(places.lock)


def end_leftovers(places: Places) -> None:
    """End programs that a killed supervisor has left; the servers are used again."""
    stop_identities(list(read_running(places).programs.values()), patience=5)


def write_running(
    places: Places,
    settings: Settings,
    *,
    children: Iterable[Child] = (),
    ready: bool = False,
) -> None:
    """Write the record of this process."""
    me = identity(os.getpid())
    programs = {
        child.program.name: {
            "pid": child.who.pid,
            "started": child.who.started,
            "restarts": child.restarts,
        }
        for child in children
    }
    content = {
        "pid": os.getpid(),
        "started": me.started if me else "",
        "address": f"{settings.site_url}/",
        "mailbox": f"{settings.mailbox_url}/",
        "demo": settings.demo,
        "embedded": [
            name
            for name, own in (
                ("postgres", settings.own_database),
                ("valkey", settings.own_redis),
            )
            if not own
        ],
        "ready": ready,
        "programs": programs,
    }
    write_json(places.running, content)
