"""`stop` and `reset`: end everything, and remove the data when that is wanted."""

import os
import shutil
import signal
import time

from launcher.children import stop_identities
from launcher.files import locked
from launcher.places import MARK, Places
from launcher.processes import is_alive
from launcher.product import Product
from launcher.running import is_running, read_running
from launcher.supervisor import stop_servers
from launcher.terminal import Fault, Progress

PATIENCE = 20.0  # seconds for the supervisor's own orderly stop


def stop(product: Product, *, progress: Progress) -> None:
    """Stop the product, whether its supervisor lives or was killed."""
    places = product.places
    if not places.state.exists():
        progress.say("Sightline does not run")
        return
    running, was_running = read_running(places), is_running(places)
    if was_running:
        _end_supervisor(places)
    # An orderly stop has left nobody; a killed supervisor may have.
    stop_identities(list(running.programs.values()), patience=5)
    left = stop_servers(product)
    progress.say("Stopped" if was_running or left else "Sightline does not run")


def reset(product: Product, *, progress: Progress) -> None:
    """Stop the product and remove its data; the Python environments stay."""
    places = product.places
    stop(product, progress=progress)
    if not (places.state / MARK).exists():
        progress.say("There are no data to remove")
        return
    with locked(places.lock, wait=False) as ours:
        if not ours:
            raise Fault("Sightline was started again meanwhile; nothing was removed.")
        for entry in places.state.iterdir():
            # A test run beside us has a folder of its own.
            if entry in (places.lock, places.state / MARK) or _is_test(entry.name):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    progress.say(f"Removed the data in {places.state}")


def _is_test(name: str) -> bool:
    return name.startswith("test-")


def _end_supervisor(places: Places) -> None:
    who = read_running(places).supervisor
    if who.pid and is_alive(who):
        os.kill(who.pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while is_running(places) and time.monotonic() < until:
        time.sleep(0.05)
    if is_running(places) and is_alive(who):
        os.kill(who.pid, signal.SIGKILL)
        time.sleep(0.1)
