"""What the engine says in a process of its own that has no compiler."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]


def without_a_compiler(module: str, expression: str) -> str:
    """Return what an expression over the names of a test module prints there."""
    program = (
        "import sys; sys.modules['numba'] = None\n"
        "from exposure.logic.paths.kernels.compiled import COMPILED\n"
        f"from {module} import *\n"
        "assert not COMPILED\n"
        f"print({expression})"
    )
    plain = subprocess.run(  # noqa: S603 - the program stands above
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        text=True,
        timeout=120,
    )
    return plain.stdout.strip()
