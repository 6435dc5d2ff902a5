"""Refuses text that looks like a secret, where only a name is meant."""

import re
from collections.abc import Iterable
from typing import Final

SAID: Final = re.compile(
    r"(?i)\b(pass(word|wd|wort|phrase|code)?|kennwort|pwd|pin|secret|token|api[ _-]?key)"
    r"\s*(is|ist|:|=)\s*\S"
)
KEY: Final = re.compile(
    r"-----BEGIN |\$(1|2[aby]|5|6|y|argon2\w*)\$|\bssh-(rsa|ed25519) "
)
HEX: Final = re.compile(r"\b[0-9a-fA-F]{32,}\b")
CLASSES: Final = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")
SHORTEST = 10
BETWEEN: Final = re.compile(r"[-_.,:;@/\\()'\"]+")
PLAIN: Final = re.compile(
    r"|[A-Z]?[a-z]+([A-Z][a-z]+)*[A-Z]*[0-9]*|[A-Z]+[0-9]*|[0-9]+[A-Za-z]*"
)
FIELDS: Final = frozenset(
    {"password", "passwd", "passphrase", "pwd", "pin", "secret", "token", "key"}
)


def looks_secret(text: str) -> bool:
    """Whether a text reads like a password, a hash or a key, not like a name of one.

    >>> looks_secret("local admin of the cells"), looks_secret("password: Milk2027")
    (False, True)
    >>> looks_secret("k7#Qz!mw2Lp"), looks_secret("xK9-pQ2-vB7zz")
    (True, True)
    >>> looks_secret("FW-Cell2-Export.csv"), looks_secret("Otto.Brandt2@northmill.example")
    (False, False)
    """
    if SAID.search(text) or KEY.search(text) or HEX.search(text):
        return True
    return any(_is_random(word) for word in text.split())


def has_secret_field(names: Iterable[str]) -> bool:
    """Whether something that is called a password was sent along."""
    return any(name.rpartition("-")[2].lower() in FIELDS for name in names)


def _is_random(word: str) -> bool:
    """Small, capital, digit and sign in one word whose pieces are no words or numbers."""
    if len(word) < SHORTEST or not all(re.search(each, word) for each in CLASSES):
        return False
    return not all(PLAIN.fullmatch(piece) for piece in BETWEEN.split(word))
