"""From the answers of a web server to what fingerprints are compared with."""

import re
from collections.abc import Mapping, Sequence

from exposure.logic.fingerprints.rows import Front
from exposure.probes.answer import Answer
from exposure.probes.base import Fact

# A page tells its product early; the rest is not searched.
MOST_TEXT = 64 * 1024
_TITLE = re.compile(r"<title[^<>]*>([^<]{0,400})", re.IGNORECASE)
_ROOT = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^/]{0,260}", re.IGNORECASE)


def front_of(
    pages: Sequence[tuple[str, Answer]],
    *,
    icon: int | None,
    certificate: Mapping[str, Fact],
) -> Front:
    """Return what was shown: all pages together, their paths, icon and certificate."""
    answers = [answer for _, answer in pages]
    body = "\n".join(_text(answer.body[:MOST_TEXT]) for answer in answers)[:MOST_TEXT]
    titles = (_TITLE.search(_text(answer.body[:MOST_TEXT])) for answer in answers)
    return Front(
        title="\n".join(" ".join(match[1].split()) for match in titles if match),
        body=body,
        server=_header(answers, b"server"),
        auth=_header(answers, b"www-authenticate"),
        header="\n".join(
            f"{_text(name)}: {_text(value)}"
            for answer in answers
            for name, value in answer.headers.items()
        ),
        cookies=tuple(_text(name) for answer in answers for name in answer.cookies),
        paths=tuple(path for path, _ in pages) + _pointed_to(answers),
        subject=str(certificate.get("subject", "")),
        issuer=str(certificate.get("issuer", "")),
        icon=icon,
    )


def _header(answers: Sequence[Answer], name: bytes) -> str:
    return "\n".join(
        _text(each.headers[name]) for each in answers if name in each.headers
    )


def _pointed_to(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return the paths of redirects, whether they were followed or not."""
    places = (_text(each.headers.get(b"location", b"")) for each in answers)
    return tuple(_ROOT.sub("", place, count=1) for place in places if place)


def _text(data: bytes) -> str:
    return data.decode("latin-1")
