"""Compiles the path engine, so that nobody who opens a page waits for a compiler."""

from typing import Any

from django.core.management.base import BaseCommand

from exposure.logic.paths.kernels.compiled import COMPILED
from exposure.logic.paths.warm import warm


class Command(BaseCommand):
    """Takes half a minute once, seconds after that; may be repeated at every start."""

    help = "Compile the kernels of the path engine into NUMBA_CACHE_DIR."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Compile what is not compiled yet."""
        warm()
        self.stdout.write(
            "The path engine is compiled."
            if COMPILED
            else "There is no compiler here: the path engine runs as plain numpy."
        )
