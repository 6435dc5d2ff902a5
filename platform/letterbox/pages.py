"""Draws the mailbox's pages; every word that came from outside is escaped here."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from letterbox.hooks import Call
from letterbox.mails import Mail

SECTIONS = (("/", "Mails"), ("/hooks", "Webhook calls"))
LINK_TAIL = r"[/?][A-Za-z0-9/_.?=&%~-]*"


def mail_list(mails: Sequence[Mail]) -> str:
    """Return the page of all mails, newest first."""
    rows = [
        [
            _time(mail.received),
            f'<a href="/mails/{mail.id}">{_word(mail.subject, "(no subject)")}</a>',
            _word(mail.recipients),
            _word(mail.sender),
        ]
        for mail in mails
    ]
    table = _table(("Received", "Subject", "To", "From"), rows, empty="No mails yet.")
    return _page("Mails", here="/", content=table)


def mail_page(mail: Mail, *, site_url: str) -> str:
    """Return the page of one mail: its text, and its HTML as source, never drawn."""
    facts = [
        ("From", mail.sender),
        ("To", mail.recipients),
        ("Delivery", mail.delivery or "(none named)"),
    ]
    content = (
        f'<p class="muted">Received {_time(mail.received)}</p>'
        + _facts(facts)
        + _section("Text", _linked(mail.text or "(no plain text)", site_url))
        + (_section("HTML part, as source", escape(mail.html)) if mail.html else "")
        + _section("All headers", escape(_lines(mail.headers)))
    )
    return _page(mail.subject or "(no subject)", here="/", content=content)


def call_list(calls: Sequence[Call]) -> str:
    """Return the page of all webhook calls, newest first."""
    rows = [
        [
            _time(call.received),
            f'<a href="/hooks/{call.id}">{_word(call.name)}</a>',
            _word(call.message_id, "(none)"),
            _word(call.verdict),
        ]
        for call in calls
    ]
    head = ("Received", "Endpoint", "Message id", "Signature")
    table = _table(head, rows, empty="No webhook calls yet.")
    return _page("Webhook calls", here="/hooks", content=table)


def call_page(call: Call) -> str:
    """Return the page of one webhook call."""
    facts = [
        ("Endpoint", call.name),
        ("Message id", call.message_id or "(none)"),
        ("Signature", call.verdict),
    ]
    content = (
        f'<p class="muted">Received {_time(call.received)}</p>'
        + _facts(facts)
        + _section("Body", escape(call.body or "(empty)"))
        + _section("Headers", escape(_lines(call.headers)))
    )
    return _page(f"Call to {call.name}", here="/hooks", content=content)


def problem_page(status: int, words: str) -> str:
    """Return the page for a request that could not be answered."""
    return _page(words, here="", content=f"<p>Error {status}.</p>")


def _page(title: str, *, here: str, content: str) -> str:
    links = "".join(
        f'<li><a href="{path}"{_current(here == path)}>{name}</a></li>'
        for path, name in SECTIONS
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · Mailbox</title>
<link rel="icon" type="image/svg+xml" href="/static/img/icon.svg">
<link rel="stylesheet" href="/static/css/sightline.css">
<link rel="stylesheet" href="/static/css/mailbox.css">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top"><strong>Sightline mailbox</strong>
<nav aria-label="Sections"><ul class="legend">{links}</ul></nav></header>
<main class="mailbox stack" id="main" tabindex="-1">
<h1><bdi>{escape(title)}</bdi></h1>
{content}
</main>
</body>
</html>
"""


def _current(current: bool) -> str:  # noqa: FBT001 - one private word of markup
    return ' aria-current="page"' if current else ""


def _table(head: Iterable[str], rows: Sequence[Sequence[str]], *, empty: str) -> str:
    if not rows:
        return f'<p class="panel empty">{empty}</p>'
    heads = "".join(f'<th scope="col">{name}</th>' for name in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        '<div class="panel scroll" tabindex="0" role="region" aria-label="Received">'
        f'<table class="grid"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{name}</dt><dd>{_word(value)}</dd>" for name, value in facts)
    return f'<dl class="facts-grid">{rows}</dl>'


def _section(title: str, escaped: str) -> str:
    return (
        f'<section class="stack-1"><h2>{title}</h2>'
        f'<pre tabindex="0" role="region" aria-label="{title}">{escaped}</pre></section>'
    )


def _word(text: str, otherwise: str = "") -> str:
    # bdi: text of another direction stays inside its own cell.
    return f"<bdi>{escape(text or otherwise)}</bdi>"


def _time(moment: datetime) -> str:
    shown = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    return f'<time class="nowrap" datetime="{moment.isoformat()}">{shown}</time>'


def _lines(headers: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers)


def _linked(text: str, site_url: str) -> str:
    """Return escaped text in which only links into our own product can be clicked."""
    if not site_url:
        return escape(text)
    pieces = re.split(f"({re.escape(site_url)}{LINK_TAIL})", text)
    return "".join(
        f'<a href="{escape(piece)}" rel="noreferrer">{escape(piece)}</a>'
        if number % 2
        else escape(piece)
        for number, piece in enumerate(pieces)
    )
