"""Which redirect may be followed: one that stays on the same door of the same address.

Everything else is written down and left alone: another host, another port, another
scheme, metadata addresses, and whatever is not plainly a path.
"""

import re

from exposure.probes.base import Target

STATUSES = frozenset({301, 302, 303, 307, 308})
LONGEST = 400
USUAL_PORTS = {"http": 80, "https": 443}
_PLAIN = re.compile(rb"[!-\[\]-~]+")  # printable ASCII without blank and backslash
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def followed(location: bytes, *, target: Target, scheme: str, at: str) -> str:
    """Return the path to ask for next, or "" when the redirect leads elsewhere.

    `at` is the path that answered.

    >>> door = Target("192.0.2.1", 443)
    >>> followed(b"/remote/login", target=door, scheme="https", at="/")
    '/remote/login'
    >>> followed(b"https://192.0.2.1/a#b", target=door, scheme="https", at="/")
    '/a'
    >>> followed(b"http://169.254.169.254/", target=door, scheme="https", at="/")
    ''
    """
    if not _PLAIN.fullmatch(location) or len(location) > LONGEST:
        return ""
    text = location.decode().partition("#")[0]
    if text.startswith("//"):
        text = f"{scheme}:{text}"
    if _SCHEME.match(text):
        text = _same_door(text, target=target, scheme=scheme)
    elif not text.startswith("/"):
        text = at.partition("?")[0].rpartition("/")[0] + "/" + text
    return text if text != at else ""


def _same_door(url: str, *, target: Target, scheme: str) -> str:
    """Return the path of a whole address, or "" when it names another door."""
    prefix = f"{scheme}://"
    if not url.lower().startswith(prefix):
        return ""
    authority, slash, path = url[len(prefix) :].partition("/")
    names = {target.host_header, Target(target.address, target.port).host_header}
    doors = {f"{name}:{target.port}".lower() for name in names}
    if USUAL_PORTS[scheme] == target.port:
        doors |= {name.lower() for name in names}
    return slash + path or "/" if authority.lower() in doors else ""
