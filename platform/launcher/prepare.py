"""Runs `manage.py prepare`, which makes roles, tables and the demo customer."""

import subprocess

from launcher.children import ending
from launcher.environment import for_preparing
from launcher.files import tail
from launcher.processes import end_group, identity
from launcher.product import Product
from launcher.terminal import Fault, Progress


def run_prepare(product: Product, progress: Progress, *words: str) -> None:
    """Run `manage.py prepare`, showing what it says; raise a Fault when it fails."""
    environment = for_preparing(
        product.environment, services=product.services, keys=product.keys
    )
    program = product.programs.prepare(*words, environment=environment)
    process = program.launch(output=subprocess.PIPE)
    who = identity(process.pid)
    try:
        for line in process.stdout or ():
            progress.say(line.decode(errors="replace").rstrip())
        code = process.wait()
    finally:
        if who:
            end_group(who, patience=2)
    if code:
        last = tail(program.log, lines=1)
        raise Fault(
            f"Preparing the database failed ({ending(code)}): {last} ({program.log})"
        )
