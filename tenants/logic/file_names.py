"""Names of files as people see and save them: harmless on any page and any disk."""

import re
import unicodedata

from common.plain_text import one_line

MAX_NAME = 120
MAX_ENDING = 10
NO_NAME = "file"
# Windows opens devices for these, whatever follows the dot.
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
FORBIDDEN = re.compile(r'[<>:"|?*]')


def display_name(name: str) -> str:
    r"""Return the name that is shown and offered for saving; never a path on our disk.

    Folders go, characters that hide, reorder or mean something to a disk become
    harmless ones, and composed letters are written one way (NFC).

    >>> display_name("..\\..\\etc/passwd"), display_name("NUL.txt"), display_name("")
    ('passwd', '_NUL.txt', 'file')
    """
    last = re.split(r"[/\\]", name)[-1]
    line = one_line(unicodedata.normalize("NFC", last), limit=len(last) or 1)
    clean = FORBIDDEN.sub("_", line).strip(" .")
    if RESERVED.fullmatch(clean.partition(".")[0].rstrip()):
        clean = f"_{clean}"
    return _shortened(clean) or NO_NAME


def ending_of(name: str) -> str:
    """Return the ending in small letters, without its dot; empty if there is none.

    >>> ending_of("Photo.JPG"), ending_of("README"), ending_of(".png")
    ('jpg', '', '')
    """
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot and len(ending) <= MAX_ENDING else ""


def _shortened(name: str) -> str:
    """Cut a long name before its ending, so that the ending stays true."""
    if len(name) <= MAX_NAME:
        return name
    ending = ending_of(name)
    if not ending:
        return name[:MAX_NAME].rstrip(" .")
    return f"{name[: MAX_NAME - len(ending) - 1].rstrip(' .')}.{ending}"
