"""The commands of the start script."""

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from launcher import plant, settings
from launcher.backup import backup, restore
from launcher.checks import run_tests
from launcher.files import read_json, rotate
from launcher.places import locate
from launcher.product import Product
from launcher.programs import plant_venv
from launcher.status import LOGS, show_logs, status
from launcher.stop import reset, stop
from launcher.terminal import Fault, NotRunning, Progress
from launcher.up import up, up_in_background


def main(words: Sequence[str], *, root: Path) -> int:
    """Run one command; return the exit code. Faults become one clear line."""
    os.umask(0o022)
    options = _parser().parse_args(_separated(words))
    try:
        return _dispatch(options, root=root)
    except Fault as fault:
        print(f"sightline: {fault}", file=sys.stderr)
        return fault.exit_code
    except PermissionError as error:
        print(
            f"sightline: {error.filename} belongs to another user. Start Sightline as"
            " that user, or choose a data folder: SIGHTLINE_HOME=/full/path",
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        where = f" ({error.filename})" if error.filename else ""
        print(
            f"sightline: The disk is full{where}. Free some space and start again.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130


def _separated(words: Sequence[str]) -> list[str]:
    """Hand everything after `test` and `manage` on as it is, options included."""
    if words and words[0] in {"test", "manage"} and "--help" not in words[1:2]:
        return [words[0], "--", *words[1:]]
    return list(words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sightline", description="Runs Sightline on this machine."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser("up", help="set up and run everything; Ctrl-C stops it")
    one.add_argument("--detach", action="store_true", help="return when it is ready")
    one.add_argument("--background", action="store_true", help=argparse.SUPPRESS)
    commands.add_parser("status", help="show each process and its memory")
    commands.add_parser("stop", help="stop everything")
    one = commands.add_parser("logs", help="show the end of the logs")
    one.add_argument("name", nargs="?", help=", ".join(LOGS))
    one.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    one = commands.add_parser("reset", help="stop everything and remove the data")
    one.add_argument("--yes", action="store_true", help="do not ask")
    one = commands.add_parser(
        "backup", help="save database, keys and files; may run meanwhile"
    )
    one.add_argument("file", type=Path)
    one = commands.add_parser("restore", help="load a backup; stop the product first")
    one.add_argument("file", type=Path)
    one = commands.add_parser(
        "demo", help="fix a weakness of the demo plant, or undo it"
    )
    one.add_argument("action", choices=["list", "fix", "unfix"])
    one.add_argument("name", nargs="?", default="")
    one = commands.add_parser("manage", help="run manage.py in the running product")
    one.add_argument("words", nargs="*")
    one = commands.add_parser("test", help="run all checks and tests, or pytest ARGS")
    one.add_argument("words", nargs="*")
    commands.add_parser("build-plant")
    return parser


def _dispatch(options: argparse.Namespace, *, root: Path) -> int:
    if options.command == "build-plant":
        plant_venv(root).build(Progress())
        return 0
    if options.command == "test":
        return run_tests(root, options.words)
    read = settings.read(os.environ)
    return COMMANDS[options.command](Product(locate(root, read), read), options)


def _up(product: Product, options: argparse.Namespace) -> int:
    if options.detach:
        return up_in_background(product, script=product.places.root / "sightline")
    # In the background our output is the log itself.
    if options.background:
        return up(product, progress=Progress())
    log = product.places.make().log("up")
    rotate(log)
    return up(product, progress=Progress(copy=log))


def _status(product: Product, _options: argparse.Namespace) -> int:
    return status(product)


def _stop(product: Product, _options: argparse.Namespace) -> int:
    stop(product, progress=Progress())
    return 0


def _logs(product: Product, options: argparse.Namespace) -> int:
    show_logs(product.places, options.name, follow=options.follow)
    return 0


def _reset(product: Product, options: argparse.Namespace) -> int:
    if options.yes or _agreed(product):
        reset(product, progress=Progress())
    return 0


def _backup(product: Product, options: argparse.Namespace) -> int:
    product.venv.build(Progress())
    backup(product, options.file.absolute(), progress=Progress())
    return 0


def _restore(product: Product, options: argparse.Namespace) -> int:
    product.venv.build(Progress())
    restore(product, options.file.absolute(), progress=Progress())
    return 0


def _agreed(product: Product) -> bool:
    print(f"All data in {product.places.state} will be removed.")
    try:
        return input("Type yes to go on: ").strip().lower() == "yes"
    except EOFError:
        return False


def _demo(product: Product, options: argparse.Namespace) -> int:
    folder, fixed = product.places.plant, options.action == "fix"
    if options.action == "list":
        print(plant.list_fixes(folder))
    else:
        print(plant.set_fix(folder, options.name, fixed=fixed))
    return 0


def _manage(product: Product, options: argparse.Namespace) -> NoReturn:
    environment = read_json(product.places.environment)
    if not environment:
        raise NotRunning("Sightline does not run; start it with: ./sightline up")
    python = product.venv.python
    os.chdir(product.places.root)
    command = [str(python), "manage.py", *options.words]
    os.execve(python, command, environment)  # noqa: S606 - no shell is wanted


COMMANDS: dict[str, Callable[[Product, argparse.Namespace], int]] = {
    "up": _up,
    "status": _status,
    "stop": _stop,
    "logs": _logs,
    "reset": _reset,
    "backup": _backup,
    "restore": _restore,
    "demo": _demo,
    "manage": _manage,
}
