"""Where a command takes the passphrase of a backup from: a file, or the terminal."""

import getpass
from pathlib import Path

from django.core.management.base import CommandError, CommandParser


def add_passphrase(parser: CommandParser) -> None:
    """Add --passphrase-file."""
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        help="a file whose first line is the passphrase; without it you are asked",
    )


def passphrase(path: Path | None, *, twice: bool) -> str:
    """Return the passphrase; it is never an argument, which others could read."""
    if path is not None:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The passphrase cannot be read: {error}") from error
        return lines[0] if lines else ""
    found = getpass.getpass("Passphrase of the backup: ")
    if twice and getpass.getpass("Once more: ") != found:
        raise CommandError("These were two different passphrases.")
    return found
