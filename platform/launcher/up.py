"""`up`: from a bare machine to a running product, and then keeping it running."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from launcher.backup import undo_interrupted_restore
from launcher.children import Child, Program
from launcher.files import locked, read_json, rotate, tail, write_json
from launcher.places import Places
from launcher.plant import host_states
from launcher.plant import is_up as plant_is_up
from launcher.ports import check_ports
from launcher.prepare import run_prepare
from launcher.processes import is_alive
from launcher.product import Product
from launcher.programs import plant_venv
from launcher.running import end_leftovers, read_running, write_running
from launcher.supervisor import STOP_SIGNALS, Stop, Supervisor, raise_stop
from launcher.terminal import Fault, Progress, table

SIGN_IN = "/accounts/login/"
PLANT_PATIENCE = 30.0  # seconds until a start goes on without the hosts that are down


def up(product: Product, *, progress: Progress) -> int:
    """Start everything and keep it alive until Ctrl-C or SIGTERM; return an exit code."""
    places = product.places.make()
    with locked(places.lock, wait=False) as ours:
        if not ours:
            return say_already_running(places)
        for number in STOP_SIGNALS:
            signal.signal(number, raise_stop)
        supervisor = Supervisor(product, progress)
        try:
            _start(supervisor)
            supervisor.watch()
        except Stop:
            progress.say("Stopping")
        finally:
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            supervisor.stop()
            places.running.unlink(missing_ok=True)
            places.environment.unlink(missing_ok=True)
        progress.say("Stopped")
        return 0


def say_already_running(places: Places) -> int:
    """Tell a second copy who runs; there is nothing for it to do."""
    # The first copy takes the lock, cleans up, and then replaces an older record.
    until = time.monotonic() + 10
    running = read_running(places)
    while not is_alive(running.supervisor) and time.monotonic() < until:
        time.sleep(0.05)
        running = read_running(places)
    state = "already runs" if running.is_ready else "is already starting"
    print(f"Sightline {state}: process {running.pid}, {running.address}")
    return 0


def up_in_background(product: Product, *, script: Path) -> int:
    """Start `up` in the background, show what it says, return when it is ready."""
    places = product.places.make()
    log = places.log("up")
    rotate(log)
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, script, "up", "--background"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=places.root,
            start_new_session=True,
        )
        begin = out.tell()
    with log.open(encoding="utf-8", errors="replace") as text:
        text.seek(begin)
        while True:
            code = process.poll()
            running = read_running(places)
            ready = running.pid == process.pid and running.is_ready
            print(text.read(), end="", flush=True)
            if code is not None or ready:
                return code or 0
            time.sleep(0.1)


def _start(supervisor: Supervisor) -> None:
    """Start everything in order; each step says when it is done."""
    product, progress = supervisor.product, supervisor.progress
    places, settings = product.places, product.settings
    end_leftovers(places)
    undo_interrupted_restore(places)
    check_ports(settings)
    write_running(places, settings)
    builder = _build_plant(supervisor) if settings.demo else None
    product.venv.build(progress)
    compiler = _helper(supervisor, product.programs.kernels())
    _start_servers(product, progress)
    write_json(places.environment, product.environment)
    supervisor.start(product.programs.mailbox())
    if settings.demo:
        _start_plant(supervisor, builder=builder)
    run_prepare(product, progress)
    for program in (product.programs.web(), product.programs.scheduler()):
        supervisor.start(program)
    if settings.demo:
        # The first scan starts with the worker and must find the whole plant.
        _wait_for_plant(supervisor)
    _wait_for_compiler(supervisor, compiler)
    supervisor.start(product.programs.worker())
    supervisor.wait_for(lambda: _answers(product), what="The web server", seconds=60)
    progress.say("The web server answers")
    progress.show(_welcome(product, seconds=progress.seconds))
    supervisor.ready = True
    supervisor.record()


def _helper(supervisor: Supervisor, program: Program) -> Child:
    """Run a program beside the start that is meant to end; it ends with us."""
    program.log.unlink(missing_ok=True)
    helper = Child(program)
    supervisor.helpers.append(helper)
    return helper


def _wait_for_compiler(supervisor: Supervisor, compiler: Child) -> None:
    """Nobody who opens a page waits for a compiler; without it the page is only slow."""
    if compiler.wait() == 0:
        supervisor.progress.say("The path engine is compiled")
    else:
        log = compiler.program.log
        supervisor.progress.say(f"The path engine could not be compiled; see {log}")


def _build_plant(supervisor: Supervisor) -> Child | None:
    """Build the plant's environment beside ours, in a process of its own."""
    places, progress = supervisor.product.places, supervisor.progress
    if plant_venv(places.root).is_ready():
        return None
    progress.say("Installing the demo plant's packages into .venv-plant")
    builder = Program(
        name="plant-packages",
        command=[sys.executable, places.root / "sightline", "build-plant"],
        environment=dict(os.environ),
        folder=places.root,
        log=places.log("plant-packages"),
    )
    return _helper(supervisor, builder)


def _start_plant(supervisor: Supervisor, *, builder: Child | None) -> None:
    product = supervisor.product
    if builder and builder.wait() != 0:
        raise Fault(
            f"{tail(builder.program.log, lines=1)}"
            " Without the demo plant: SIGHTLINE_DEMO=0 ./sightline up"
        )
    if builder:
        supervisor.progress.say(".venv-plant is ready")
    for name in ("inventory.json", "status.json"):
        # They would tell of a plant that has gone.
        (product.places.plant / name).unlink(missing_ok=True)
    supervisor.start(product.programs.plant())
    inventory = product.places.plant / "inventory.json"
    supervisor.wait_for(inventory.exists, what="The demo plant", seconds=30)


def _wait_for_plant(supervisor: Supervisor) -> None:
    folder, progress = supervisor.product.places.plant, supervisor.progress
    try:
        supervisor.wait_for(
            lambda: plant_is_up(folder), what="The demo plant", seconds=PLANT_PATIENCE
        )
    except Fault:
        hosts = host_states(folder)
        down = ", ".join(name for name, state in hosts.items() if state != "up")
        progress.say(f"Going on without some hosts of the demo plant: {down or 'all'}")
    else:
        progress.say("The demo plant is up")


def _start_servers(product: Product, progress: Progress) -> None:
    for server, name in ((product.postgres, "PostgreSQL"), (product.valkey, "Valkey")):
        if server is None:
            progress.say(f"{name}: your own server is used")
        else:
            server.start()
            progress.say(f"{name} is up")


def _answers(product: Product) -> bool:
    """Return whether the sign-in page is served."""
    settings = product.settings
    site = urlsplit(settings.site_url)
    headers = {"Host": site.netloc, "X-Forwarded-Proto": site.scheme}
    talk = http.client.HTTPConnection(
        settings.web_host.strip("[]"), settings.port, timeout=10
    )
    try:
        talk.request("GET", SIGN_IN, headers=headers)
        return talk.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        talk.close()


def _welcome(product: Product, *, seconds: float) -> str:
    settings = product.settings
    lines = ["", f"Sightline is ready after {seconds:.1f} s."]
    rows = [("Open", f"{settings.site_url}/"), ("Mailbox", f"{settings.mailbox_url}/")]
    lines.append(table(rows))
    people = read_json(product.places.demo).get("sign_ins", [])
    if settings.demo and people:
        columns = ("email", "password", "name", "role")
        rows_of_people = [[str(one.get(key, "")) for key in columns] for one in people]
        lines += ["Sign in as", table(rows_of_people)]
    lines.append("Stop it with Ctrl-C here, or with ./sightline stop anywhere.\n")
    return "\n".join(lines)
