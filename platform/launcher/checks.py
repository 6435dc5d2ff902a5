"""`test`: sets up what the tests need and runs every check, the tests last."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from launcher.backup import create_database
from launcher.chromium import ensure_chromium
from launcher.debian import ensure_network_tools
from launcher.environment import (
    django_environment,
    embedded_services,
    for_preparing,
    kernel_cache,
)
from launcher.keys import Keys, new_keys
from launcher.places import Places, locate
from launcher.postgres import Postgres
from launcher.processes import identity
from launcher.product import embedded_postgres, embedded_valkey
from launcher.programs import dev_venv, plant_venv, stacks_venv
from launcher.settings import PREFIX, Settings
from launcher.supervisor import Stop, raise_stop
from launcher.terminal import Progress, table
from launcher.valkey import Valkey

# All visitors share one running product. What starts stacks of its own measures rates
# and connections, so one such test runs after the other. Both run beside all the rest.
PRODUCT, STACKS = "flow or browser", "plant or bench"
BENCH_FULL = f"{PREFIX}BENCH_FULL"


@dataclass(frozen=True)
class Check:
    """One tool: its command, and what its environment has beyond the common one."""

    name: str
    command: Sequence[str | Path]
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a check came to."""

    name: str
    passed: bool
    seconds: float
    last_line: str


def run_tests(root: Path, words: Sequence[str]) -> int:
    """Run all checks, or pytest alone with `words`; return an exit code."""
    progress = Progress()
    _prepare(root, progress)
    places = locate(root, Settings()).make()
    _clear_killed_runs(places)
    throw_away = Places(root, places.state / f"test-{os.getpid()}").make()
    signal.signal(signal.SIGTERM, raise_stop)
    try:
        with _servers(throw_away, progress) as (environment, postgres):
            python = _tool(root, "python")
            roles = Check("roles", [python, "manage.py", "prepare", "--roles-only"])
            checks: Iterable[Check] = _checks(root)
            if words:
                checks = [Check("pytest", [python, "-m", "pytest", *words])]
            outcomes = [_run(roles, root, environment)]
            if outcomes[0].passed:
                create_database(postgres)
            slow = () if words else _slow_checks(root)
            with _ahead(root, environment, is_wanted=not words):
                beside = _Beside(slow, root, environment)
                with contextlib.closing(beside):
                    outcomes += [_run(check, root, environment) for check in checks]
                    outcomes += beside.outcomes()
    except Stop:
        return 130
    finally:
        shutil.rmtree(throw_away.state, ignore_errors=True)
    return _report(outcomes, progress)


def _prepare(root: Path, progress: Progress) -> None:
    """Get everything that a run needs of programs."""
    for venv in (dev_venv, plant_venv, stacks_venv):
        venv(root).build(progress)
    ensure_chromium(progress)
    ensure_network_tools(progress)


def _clear_killed_runs(places: Places) -> None:
    """Stop and remove what test runs have left that were killed."""
    for folder in places.state.glob("test-*"):
        pid = folder.name.removeprefix("test-")
        if pid.isdigit() and identity(int(pid)) is None:
            left = Places(places.root, folder).make()
            postgres, valkey = _throw_away_servers(left, new_keys())
            valkey.stop()
            postgres.stop(mode="immediate")
            shutil.rmtree(folder, ignore_errors=True)


def _throw_away_servers(places: Places, keys: Keys) -> tuple[Postgres, Valkey]:
    venv = dev_venv(places.root)
    postgres = embedded_postgres(places, venv=venv, keys=keys, durable=False)
    return postgres, embedded_valkey(places, venv=venv)


def _report(outcomes: Sequence[Outcome], progress: Progress) -> int:
    rows = (
        (one.name, "passed" if one.passed else "FAILED", f"{one.seconds:.1f} s")
        for one in outcomes
    )
    failed = [one.name for one in outcomes if not one.passed]
    verdict = f"failed: {', '.join(failed)}" if failed else "all passed"
    print(f"\n{table(rows)}\nAfter {progress.seconds:.1f} s {verdict}.")
    print(outcomes[-1].last_line, flush=True)
    return 1 if failed else 0


@contextlib.contextmanager
def _servers(
    places: Places, progress: Progress
) -> Iterator[tuple[dict[str, str], Postgres]]:
    """Run PostgreSQL and Valkey of their own for one test run.

    Yield the environment of the checks and the PostgreSQL.
    """
    venv, keys = dev_venv(places.root), new_keys()
    # Nothing that the developer has set may change what the tests see.
    settings = replace(Settings(), demo=False)
    postgres, valkey = _throw_away_servers(places, keys)
    services = embedded_services(
        keys=keys, postgres=postgres.socket, valkey=valkey.socket
    )
    environment = for_preparing(
        django_environment(places, settings, keys=keys, services=services),
        services=services,
        keys=keys,
    )
    environment[f"{PREFIX}TEST_STATE"] = str(places.state)
    # Compiling takes longer than most tests: the next run finds it done.
    environment |= kernel_cache(Places(places.root, places.state.parent))
    if BENCH_FULL in os.environ:  # how big, not what: a bench asserts the same
        environment[BENCH_FULL] = os.environ[BENCH_FULL]
    environment["PATH"] = f"{venv.python.parent}{os.pathsep}{environment['PATH']}"
    try:
        postgres.start()
        valkey.start()
        progress.say("PostgreSQL and Valkey for the tests are up")
        yield environment, postgres
    finally:
        valkey.stop()
        postgres.stop(mode="immediate")


def _checks(root: Path) -> Iterator[Check]:
    python = _tool(root, "python")
    yield Check("ruff check", [_tool(root, "ruff"), "check", "."])
    yield Check("ruff format", [_tool(root, "ruff"), "format", "--check", "."])
    yield Check("mypy", [_tool(root, "mypy")])
    yield Check("lint-imports", [_tool(root, "lint-imports")])
    if templates := sorted(str(one) for one in (root / "templates").rglob("*.html")):
        yield Check("djade", [_tool(root, "djade"), "--check", *templates])
        yield Check("djlint", [_tool(root, "djlint"), "--lint", "templates"])
    manage: list[str | Path] = [python, "manage.py"]
    yield Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"])
    deploy = [*manage, "check", "--deploy", "--fail-level", "WARNING"]
    # The question is whether an installation on the internet would be safe.
    site = ((f"{PREFIX}SITE_URL", "https://sightline.example"),)
    yield Check("check --deploy", deploy, extra=site)
    tests: list[str | Path] = [python, "-m", "pytest"]
    cores = str(len(os.sched_getaffinity(0)))
    apart = ["-m", f"not ({PRODUCT} or {STACKS})"]
    yield Check("pytest", [*tests, "-n", cores, "--dist", "worksteal", *apart])


def _slow_checks(root: Path) -> tuple[Check, Check]:
    """Return the tests that wait more than they work."""
    tests: list[str | Path] = [_tool(root, "python"), "-m", "pytest", "-m"]
    own = ((f"{PREFIX}TEST_DATABASE", "test_stacks"),)
    return (
        Check("pytest, with a product", [*tests, PRODUCT]),
        Check("pytest, with stacks", [*tests, STACKS], extra=own),
    )


@contextlib.contextmanager
def _ahead(
    root: Path, environment: dict[str, str], *, is_wanted: bool
) -> Iterator[None]:
    """Migrate the database of the tests and compile the kernels while others check.

    Tests that find either unfinished wait for it, or do it themselves.
    """
    if not is_wanted:
        yield
        return
    python = _tool(root, "python")
    works: list[list[str | Path]] = [
        [python, "-m", "tests.template"],
        [python, "manage.py", "warm_kernels"],
    ]
    with contextlib.ExitStack() as stack:
        for work in works:
            process = stack.enter_context(
                subprocess.Popen(work, cwd=root, env=environment)
            )
            stack.callback(process.terminate)
        yield


def _tool(root: Path, name: str) -> Path:
    return dev_venv(root).folder / "bin" / name


class _Beside:
    """Checks that run beside others: they wait more than they work."""

    def __init__(
        self, checks: Sequence[Check], root: Path, environment: dict[str, str]
    ) -> None:
        """Begin them."""
        self._pool = ThreadPoolExecutor(max(len(checks), 1))
        self._running: list[subprocess.Popen[bytes]] = []
        self._held: list[list[str]] = [[] for _ in checks]
        self._outcomes = [
            self._pool.submit(
                _run,
                check,
                root,
                environment,
                say=lines.append,
                begun=self._running.append,
            )
            for check, lines in zip(checks, self._held, strict=True)
        ]

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what each came to, and show what it printed, one after the other."""
        for lines, outcome in zip(self._held, self._outcomes, strict=True):
            found = outcome.result()
            print("\n".join(lines), flush=True)
            yield found

    def close(self) -> None:
        """End those that still run as Ctrl+C does, so that they stop what they started."""
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        self._pool.shutdown(cancel_futures=True)


def _say(line: str) -> None:
    print(line, flush=True)


def _run(
    check: Check,
    root: Path,
    environment: dict[str, str],
    *,
    say: Callable[[str], None] = _say,
    begun: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
) -> Outcome:
    """Run one check, showing what it prints as it comes."""
    say(f"\n--- {check.name}")
    begin, last = time.monotonic(), ""
    colour = {"FORCE_COLOR": "1"} if sys.stdout.isatty() else {}
    with subprocess.Popen(
        check.command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=root,
        env={**environment, **colour, **dict(check.extra)},
    ) as process:
        begun(process)
        try:
            for line in process.stdout or ():
                text = line.decode(errors="replace").rstrip()
                say(text)
                last = text or last
        except BaseException:
            process.terminate()
            raise
    passed = process.returncode == 0
    return Outcome(check.name, passed, time.monotonic() - begin, last)
