"""What a web page looks like: an operator panel, remote access, a sign-in?

Every search here takes time in proportion to the page, whatever is in it.
"""

import re

from exposure.probes.base import Fact, Scalar
from exposure.probes.text import visible

PANEL_MARKERS = frozenset(
    {
        "hmi",
        "wincc",
        "miniweb",
        "panel",
        "webvisu",
        "webvisualization",
        "simatic",
        "scada",
        "codesys",
        "factorytalk",
        "panelview",
        "vijeo",
        "citect",
        "ignition",
        "webaccess",
        "movicon",
        "zenon",
        "weintek",
        "easyweb",
    }
)
REMOTE_ACCESS_MARKERS = frozenset(
    {
        "vpn",
        "fortinet",
        "fortigate",
        "ivanti",
        "pulse",
        "citrix",
        "netscaler",
        "globalprotect",
        "anyconnect",
        "sonicwall",
        "openvpn",
        "ewon",
        "talk2m",
        "secomea",
        "ixon",
        "teamviewer",
        "guacamole",
        "rdweb",
    }
)
SIGN_IN_WORDS = frozenset(
    {
        "login",
        "logon",
        "signin",
        "password",
        "passwort",
        "anmelden",
        "anmeldung",
        "kennwort",
        "passcode",
    }
)
_SIGN_IN_PHRASES = (b"sign in", b"log in", b"log on")
LONGEST_TITLE = 400
_TAG = re.compile(rb"<[^<>]*>")
_TITLE = re.compile(rb"<title[^<>]*>([^<]{0,%d})" % LONGEST_TITLE, re.IGNORECASE)
_PASSWORD = re.compile(rb"type\s{0,9}=\s{0,9}[\"']?password", re.IGNORECASE)
_SPLIT = re.compile(rb"[^a-z0-9]+")


def describe(body: bytes, *, server: bytes) -> dict[str, Fact]:
    """Return title, marker words, password field and length of the visible text."""
    title_match = _TITLE.search(body)
    title = title_match[1].strip() if title_match else b""
    markup = _without(_without(body, b"script"), b"style")
    text = b" ".join(_TAG.sub(b" ", markup).split())
    named = _words(title) | _words(server)
    return {
        "title": visible(b" ".join(title.split())),
        "panel_markers": [*sorted(named & PANEL_MARKERS)],
        "remote_access_markers": [*sorted(named & REMOTE_ACCESS_MARKERS)],
        "password_input": any(
            tag[:6].lower() == b"<input" and _PASSWORD.search(tag) is not None
            for tag in _TAG.findall(body)
        ),
        "sign_in_words": _sign_in_words(text.lower()),
        "text_length": len(text),
    }


def _sign_in_words(text: bytes) -> list[Scalar]:
    phrases = {phrase.decode() for phrase in _SIGN_IN_PHRASES if phrase in text}
    return [*sorted(phrases | _words(text) & SIGN_IN_WORDS)]


def unchunked(body: bytes) -> bytes:
    """Return a chunked body in one piece, as far as it is well formed.

    >>> unchunked(b"3\\r\\nabc\\r\\n2\\r\\nde\\r\\n0\\r\\n\\r\\n")
    b'abcde'
    """
    pieces = []
    at = 0
    while (end := body.find(b"\r\n", at, at + 20)) > 0:
        digits = body[at:end].split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", digits) or not int(digits, 16):
            break
        pieces.append(body[end + 2 : end + 2 + int(digits, 16)])
        at = end + 2 + int(digits, 16) + 2
    return b"".join(pieces)


def _words(text: bytes) -> set[str]:
    return {word.decode() for word in _SPLIT.split(text.lower()) if word}


def _without(body: bytes, tag: bytes) -> bytes:
    """Cut out the elements of one kind; a missing end tag cuts off the rest."""
    lowered, kept, at = body.lower(), [], 0
    while (start := lowered.find(b"<" + tag, at)) >= 0:
        kept.append(body[at:start])
        end = lowered.find(b"</" + tag, start)
        if end < 0:
            return b"".join(kept)
        at = end
    kept.append(body[at:])
    return b"".join(kept)
