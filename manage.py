#!/usr/bin/env python3
"""Django's command line; puts platform/ on the path and does nothing else."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run one management command."""
    root = Path(__file__).resolve().parent
    sys.path[:0] = [str(root), str(root / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
