"""The whole plant, one process per host: `python -m plant.supervisor --state DIR`."""

import argparse
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from plant.host import serve_host
from plant.hosts import CUSTOMER, FIXES, HOSTS, SITE, Host, actual_port
from plant.state import State, cap_log, read_fixed, read_json, write_json

TICK_SECONDS = 0.3
LOG_CHECK_SECONDS = 10.0
STOP_SECONDS = 1.0
LONGEST_PAUSE = 10.0
"""Seconds before a host that keeps dying is started again."""

# Stacks that several hosts use are imported before the hosts are forked, so that
# their code is in memory once.
SHARED_STACKS = (
    "aiohttp.web",
    "asyncua.server.standard_address_space.standard_address_space",
)
STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One host's process and how often it had to be started."""

    host: Host
    process: BaseProcess | None = None
    starts: int = 0
    due_at: float = 0.0
    """Monotonic seconds; the process is not started before."""
    ended: str = ""
    """How the last process ended."""


@dataclass
class Supervisor:
    """Starts the hosts, starts the dead ones again, and writes the status."""

    state: State
    children: list[Child] = field(default_factory=lambda: [Child(h) for h in HOSTS])
    written: dict[str, Any] = field(default_factory=dict)
    logs_checked_at: float = 0.0

    def run(self) -> None:
        """Run until a stop signal arrives."""
        # Blocked signals wait until they are asked for, so none is lost in between.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS | {signal.SIGCHLD})
        self.state.prepare()
        for host in HOSTS:
            self.state.report(host.key).unlink(missing_ok=True)
        write_json(self.state.inventory, inventory())
        self._write_status()
        for name in SHARED_STACKS:
            import_module(name)
        gc.freeze()
        try:
            told_to_stop = False
            while not told_to_stop:
                self._start_due()
                self._write_status()
                self._cap_logs()
                told_to_stop = self._told_to_stop()
        finally:
            self._stop()

    def _told_to_stop(self) -> bool:
        """Wait a tick; a child's end or a stop signal shortens it."""
        wanted = STOP_SIGNALS | {signal.SIGCHLD}
        seen = signal.sigtimedwait(wanted, TICK_SECONDS)
        return seen is not None and seen.si_signo in STOP_SIGNALS

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process and not child.process.is_alive():
                code = child.process.exitcode
                child.ended = f"{child.host.key} ended with code {code}; see its log."
                child.process = None
                child.due_at = now + min(0.25 * child.starts**2, LONGEST_PAUSE)
            if child.process is None and now >= child.due_at:
                self._start(child)

    def _start(self, child: Child) -> None:
        fork = multiprocessing.get_context("fork")
        child.process = fork.Process(
            target=_become_host, args=(child.host, self.state, os.getpid()), daemon=True
        )
        child.process.start()
        child.starts += 1

    def _write_status(self) -> None:
        status = self._status()
        if status != self.written:
            write_json(self.state.status, status)
            self.written = status

    def _status(self) -> dict[str, Any]:
        hosts: dict[str, dict[str, Any]] = {}
        fixed: set[str] = set()
        unknown = read_fixed(self.state.wanted_fixes) - FIXES.keys()
        problems = [f"fixes.json names an unknown fix: {name}" for name in unknown]
        for child in self.children:
            report = read_json(self.state.report(child.host.key))
            pid = child.process.pid if child.process else None
            up = (
                pid is not None and report.get("pid") == pid and report.get("up", False)
            )
            hosts[child.host.key] = {"pid": pid, "up": up}
            if up:
                fixed |= set(report["fixed"])
            elif problem := report.get("problem") or child.ended:
                hosts[child.host.key]["problem"] = problem
                problems.append(problem)
        return {
            "hosts": hosts,
            "fixed": sorted(fixed),
            "ready": all(each["up"] for each in hosts.values()),
            "problem": "\n".join(sorted(problems)),
        }

    def _cap_logs(self) -> None:
        if time.monotonic() < self.logs_checked_at + LOG_CHECK_SECONDS:
            return
        for host in HOSTS:
            cap_log(self.state.log(host.key))
        self.logs_checked_at = time.monotonic()

    def _stop(self) -> None:
        running = [child.process for child in self.children if child.process]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
        for child in self.children:
            child.process = None
            self.state.report(child.host.key).unlink(missing_ok=True)
        self._write_status()


def inventory() -> dict[str, Any]:
    """Return what stands where on this machine, for those who scan the plant."""
    return {
        "customer": CUSTOMER,
        "site": SITE,
        "hosts": [_entry(host) for host in HOSTS],
        "fixes": FIXES,
    }


def _entry(host: Host) -> dict[str, Any]:
    services = [
        {
            "protocol": service.protocol,
            "port": actual_port(service.port),
            "standard_port": service.port,
            "transport": service.transport,
        }
        for service in host.services
    ]
    return {**asdict(host), "services": services}


def _become_host(host: Host, state: State, parent: int) -> None:
    """Turn this forked process into the host; it never outlives the supervisor."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS | {signal.SIGCHLD})
    with state.log(host.key).open("ab", buffering=0) as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    # Some stacks print; the log shall show it when it happens.
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(serve_host(host, state))


def main() -> None:
    """Run the plant in the state folder named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m plant.supervisor", description="Serves the whole demo plant."
    )
    parser.add_argument("--state", type=Path, required=True, metavar="DIR")
    Supervisor(State(parser.parse_args().state)).run()


if __name__ == "__main__":
    main()
