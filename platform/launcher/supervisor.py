"""Starts the product's programs, keeps them alive, and stops them in the right order."""

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from launcher.children import Child, Program, stop_together
from launcher.product import Product
from launcher.running import write_running
from launcher.terminal import Fault, Progress

TICK = 0.5  # seconds between two looks at the programs
SERVER_PAUSE = 10.0  # seconds between two attempts to revive a server
# First those who bring in work, then those who do it, then those who receive it.
# The seconds add up to less than 15 with both servers.
STOP_ORDER = (
    (("web", "scheduler"), 3.5),
    (("worker",), 5.0),
    (("mailbox", "plant"), 2.0),
)


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """The operator, or the system, wants us to end."""


def raise_stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """Turn the first signal into Stop, wherever we are; later ones change nothing."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Stop


class Supervisor:
    """The programs of one product."""

    def __init__(self, product: Product, progress: Progress) -> None:
        """Watch nothing yet."""
        self.product = product
        self.progress = progress
        self.ready = False
        self.helpers: list[Child] = []  # meant to end by themselves
        self._children: list[Child] = []
        self._servers_due = 0.0

    def start(self, program: Program) -> Child:
        """Start a program and keep it alive from now on."""
        child = Child(program)
        self._children.append(child)
        self.record()
        return child

    def record(self) -> None:
        """Write down which processes are ours."""
        product = self.product
        write_running(
            product.places,
            product.settings,
            children=self._children,
            ready=self.ready,
        )

    def tick(self) -> None:
        """Look at everything once and revive what has ended."""
        changed = False
        for child in self._children:
            before = child.who
            if line := child.check():
                self.progress.say(line)
            changed = changed or child.who != before
        if changed:
            self.record()
        self._revive_servers()

    def watch(self) -> NoReturn:
        """Keep everything alive until Stop is raised."""
        while True:
            time.sleep(TICK)
            self.tick()

    def wait_for(
        self, answer: Callable[[], bool], *, what: str, seconds: float
    ) -> None:
        """Keep everything alive until `answer` says yes; raise a Fault when it takes too long."""
        until = time.monotonic() + seconds
        while not answer():
            self.tick()
            if time.monotonic() > until:
                raise Fault(
                    f"{what} did not answer within {seconds:g} s;"
                    f" the logs are in {self.product.places.logs}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop programs and servers in order, within 15 seconds."""
        stop_together(self.helpers, patience=0.5)
        for names, patience in STOP_ORDER:
            some = [one for one in self._children if one.program.name in names]
            stop_together(some, patience=patience)
        stop_servers(self.product)

    def _revive_servers(self) -> None:
        now = time.monotonic()
        if now < self._servers_due:
            return
        for server, name in (
            (self.product.postgres, "PostgreSQL"),
            (self.product.valkey, "Valkey"),
        ):
            if server is None or server.server() is not None:
                continue
            self.progress.say(f"{name} ended; starting it again")
            try:
                server.start()
            except Fault as fault:
                self.progress.say(str(fault))
                self._servers_due = now + SERVER_PAUSE
            else:
                self.progress.say(f"{name} is up again")


def stop_servers(product: Product) -> bool:
    """Stop the embedded servers; return whether any of them ran."""
    try:
        servers = [one for one in (product.valkey, product.postgres) if one]
    except Fault:
        return False  # without the wheels nothing of ours can run
    ran = any(one.server() for one in servers)
    for one in servers:
        one.stop()
    return ran
