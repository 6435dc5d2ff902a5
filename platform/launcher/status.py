"""`status` and `logs`: what runs, what it weighs, what it says."""

import time
from collections.abc import Iterable

from launcher.files import tail
from launcher.places import Places
from launcher.plant import host_states
from launcher.processes import Identity, descendants, is_alive, memory
from launcher.product import Product
from launcher.programs import NAMES
from launcher.running import Running, is_running, read_running
from launcher.terminal import Fault, megabytes, table

LOGS = ("up", "prepare", "kernels", *NAMES, "postgres", "valkey")


def status(product: Product) -> int:
    """Print each process with its memory; return 0 when all run, 3 when not."""
    places = product.places
    running = read_running(places)
    if not is_running(places):
        print(f"Sightline does not run. Its data: {places.state}")
        return 3
    rows, total, complete = [("process", "pid", "memory", "state")], 0, running.is_ready
    for name, who in _everything(product, running):
        alive = who is not None and is_alive(who)
        complete = complete and alive
        size = memory(descendants(who.pid)) if who and alive and who.pid else 0
        if name == "sightline":
            size = memory([who.pid]) if who else 0
        total += size
        pid = str(who.pid) if who and alive else "-"
        state = "runs" if alive else "does not run"
        rows.append((name, pid, megabytes(size), state))
    rows.append(("total", "", megabytes(total), ""))
    starting = "" if running.is_ready else " (still starting)"
    print(f"Sightline: {running.address}{starting}\nMailbox:   {_mailbox(running)}")
    print(table(rows))
    hosts = host_states(places.plant)
    if running.content.get("demo") and hosts:
        up = sum(state == "up" for state in hosts.values())
        print(f"Demo plant: {up} of {len(hosts)} hosts are up")
    print(f"Data: {places.state}")
    return 0 if complete else 3


def _everything(
    product: Product, running: Running
) -> Iterable[tuple[str, Identity | None]]:
    yield "sightline", running.supervisor
    yield from running.programs.items()
    for name, server in (("postgres", product.postgres), ("valkey", product.valkey)):
        if server is not None:
            yield name, server.server()


def _mailbox(running: Running) -> str:
    return str(running.content.get("mailbox", ""))


def show_logs(places: Places, name: str | None, *, follow: bool) -> None:
    """Print the end of one log or of all; with `follow`, go on until Ctrl-C."""
    if name is not None and name not in LOGS:
        raise Fault(f"There is no log '{name}'; there are: {', '.join(LOGS)}.")
    logs = [places.log(one) for one in ([name] if name else LOGS)]
    for path in logs:
        if path.exists():
            print(f"==> {path} <==\n{tail(path, lines=200 if name else 10)}")
    if not follow:
        return
    sizes = {path: path.stat().st_size if path.exists() else 0 for path in logs}
    while True:
        time.sleep(0.3)
        for path in logs:
            size = path.stat().st_size if path.exists() else 0
            if size == sizes[path]:
                continue
            with path.open(encoding="utf-8", errors="replace") as text:
                # A shorter file is a new one.
                text.seek(sizes[path] if size > sizes[path] else 0)
                print(text.read(), end="", flush=True)
            sizes[path] = size
