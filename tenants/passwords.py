"""Passwords that attackers try first are refused; the lists are here, not online."""

import functools
import hashlib
import mmap
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured, ValidationError
from zxcvbn import zxcvbn

from tenants.models import User

LONGEST = 128
LOOKED_AT = 100  # zxcvbn is slow with long text, and long text is not weak by its end
WEAK = 2  # of 4: fewer than ten million guesses
EXAMPLE = "000000005AD76BD555C1D6D771DE417A4B87E4B4"
LINE = re.compile(rb"[0-9A-F]{40}(:\d+)?")


class NotGuessed:
    """Refuses what is built from leaked passwords, words, names, dates and patterns."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError with a reason that helps to choose a better one."""
        if not password:
            raise ValidationError("Choose a password.", code="missing")
        if len(password) > LONGEST:
            raise ValidationError(f"At most {LONGEST} characters.", code="too_long")
        own = _words_of(f"{user.email} {user.name}") if user else []
        found = zxcvbn(password[:LOOKED_AT], user_inputs=own, max_length=LOOKED_AT)
        if found["score"] <= WEAK:
            why = found["feedback"]["warning"] or "It is easy to guess."
            raise ValidationError(
                f"{why} Several words that have nothing to do with each other are better.",
                code="guessable",
            )

    def get_help_text(self) -> str:
        """Return what people are told beforehand."""
        return "Use several words that have nothing to do with each other."


class NotBreached:
    """Refuses what stands in a file of leaked passwords, read where it lies.

    The file has the form of Have I Been Pwned's download: upper-case SHA-1 in
    hexadecimal, a colon and a count on each line, sorted. Without a file this
    validator lets everything pass.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Open the list and look at its form; a wrong one stops the start."""
        self.path = path
        if path is not None:
            _first_line(path)

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - Django's signature
        """Raise ValidationError for a password that is on the list."""
        digest = hashlib.sha1(password.encode()).hexdigest().upper()  # noqa: S324 - the list's form
        if self.path is not None and _stands_in(self.path, digest.encode()):
            raise ValidationError(
                "This password has leaked somewhere and is tried by attackers.",
                code="breached",
            )

    def get_help_text(self) -> str:
        """Return what people are told beforehand."""
        return "Passwords that have leaked are refused."


def _words_of(text: str) -> list[str]:
    """Return the parts of an address and a name, whole and in pieces."""
    parts = dict.fromkeys([*re.split(r"[@\s]+", text), *re.split(r"\W+", text)])
    return [part for part in parts if part]


@functools.cache
def _first_line(path: Path) -> bytes:
    with path.open("rb") as stream:
        line = stream.readline(80).strip()
    if not LINE.fullmatch(line):
        raise ImproperlyConfigured(
            f"SIGHTLINE_BREACHED_PASSWORDS_FILE: line 1 of {path} is not a SHA-1 and a "
            f"count, such as {EXAMPLE}:10."
        )
    return line


def _stands_in(path: Path, digest: bytes) -> bool:
    """Search the sorted lines by halves; a list of 40 GB takes 30 looks."""
    with (
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        low, high = 0, len(text)
        while low < high:
            middle = (low + high) // 2
            begin = text.rfind(b"\n", low, middle) + 1 or low
            end = text.find(b"\n", begin)
            end = len(text) if end < 0 else end
            found = text[begin : begin + len(digest)]
            if found == digest:
                return True
            if found < digest:
                low = end + 1
            else:
                high = begin
    return False
