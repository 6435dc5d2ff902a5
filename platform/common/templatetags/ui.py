"""Tags and filters that turn codes, names and times into what the reader sees."""

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, Textarea
from django.template import RequestContext
from django.urls import ResolverMatch
from django.utils import dateformat, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common.words import ACT, ANSWER, BASIS, GRADE, PROOF, Word, word

register = template.Library()

PRODUCT = "Sightline"
NOTHING = "\N{EN DASH}"
MINUTE, HOUR, DAY = 60, 3600, 86400
GROUP_SPACE = "\N{NO-BREAK SPACE}"

# What people call an asset: groups of capitals and digits with hyphens between.
TAG = re.compile(r"\b([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+)\b")

# Formats of Django's date filter; the year comes in only when it is not this one.
WHEN_FORMATS = {
    "": ("D j M, H:i", "D j M Y, H:i"),
    "day": ("D j M", "D j M Y"),
    "minute": ("H:i", "H:i"),
    "clock": ("H:i:s", "H:i:s"),
}


@register.inclusion_tag("components/_act.html")
def act(
    code: str, instead: str | int = "", *, mark_only: bool = False
) -> dict[str, Any]:
    """Show when to act. `instead` replaces the visible word, for example by a count.

    With `mark_only` the word is there for screen readers alone. No code, no mark.
    """
    return {
        "word": word(ACT, code) if code else None,
        "instead": instead,
        "mark_only": mark_only,
    }


@register.inclusion_tag("components/_grade.html")
def grade(code: str) -> dict[str, Word]:
    """Show an evidence grade, E0 to E4 or D."""
    return {"word": word(GRADE, code)}


@register.inclusion_tag("components/_basis.html")
def basis(code: str) -> dict[str, Word]:
    """Show how a step is known: observed, imported or assumed."""
    return {"word": word(BASIS, code)}


@register.inclusion_tag("components/_grade.html")
def proof(code: str) -> dict[str, Word]:
    """Show a grade or a basis, whichever the code is."""
    return {"word": word(PROOF, code)}


@register.inclusion_tag("components/_step_proof.html")
def step_proof(hop: Any) -> dict[str, Any]:
    """Say below a step of a path how it is known; attributes are in the component."""
    return {"hop": hop, "word": word(PROOF, hop.proof)}


@register.inclusion_tag("components/_pair.html")
def pair(signoffs: Mapping[str, str]) -> dict[str, Any]:
    """Show the sign-off of IT and OT side by side, and how many more must sign.

    `signoffs` maps a slot ("it", "ot", "safety", ...) to the code of its answer. A
    side that is missing need not answer.
    """
    codes = {"it": "na", "ot": "na", **signoffs}
    return {
        "sides": [
            {
                "name": side.upper(),
                "code": codes[side],
                "word": word(ANSWER, codes[side]),
            }
            for side in ("it", "ot")
        ],
        "more": len(codes) - 2,
    }


@register.inclusion_tag("components/_stamp.html")
def stamp(slot: Any) -> dict[str, Any]:
    """Show one slot of a sign-off as a stamp; the attributes are in the component."""
    return {"slot": slot, "word": word(ANSWER, slot.answer)}


@register.simple_tag
def asset(name: str, url: str = "") -> SafeString:
    """Show the name of an asset: it never breaks, and is a link when there is a page.

    Only a path on this site becomes a link.
    """
    if url.startswith("/") and not url.startswith("//"):
        return format_html('<a class="nowrap" href="{}">{}</a>', url, name)
    return format_html('<span class="nowrap">{}</span>', name)


@register.filter
def whole_names(text: str) -> SafeString:
    """Keep the asset tags in a sentence (PLC-P21) from breaking at their hyphens."""
    # With one group in the pattern, split gives text, tag, text, tag, ..., text.
    parts = TAG.split(text)
    pieces = [
        format_html('<span class="nowrap">{}</span>', part) if index % 2 else part
        for index, part in enumerate(parts)
    ]
    return format_html_join("", "{}", ((piece,) for piece in pieces))


@register.simple_tag
def when(moment: dt.datetime | dt.date | None, style: str = "") -> SafeString:
    """Show a time in the current time zone; the full time and zone are in the title.

    `style`: "" day and minute, "day", "minute", or "clock" with seconds. A plain date
    is shown as a day.
    """
    if moment is None:
        return format_html('<span class="muted">{}</span>', "not set")
    if not isinstance(moment, dt.datetime):
        return _time(moment, text=_format(moment, "day"), title=_long_day(moment))
    local = timezone.localtime(moment)
    title = f"{_long_day(local)}, {dateformat.format(local, 'H:i:s T')}"
    zone = timezone.get_current_timezone_name()
    if zone != local.tzname():
        title = f"{title} ({zone})"
    return _time(local, text=_format(local, style), title=title)


def _format(moment: dt.datetime | dt.date, style: str) -> str:
    short, long = WHEN_FORMATS[style]
    this_year = moment.year == timezone.localdate().year
    return dateformat.format(moment, short if this_year else long)


def _long_day(moment: dt.date) -> str:
    return dateformat.format(moment, "j F Y")


def _time(moment: dt.date, *, text: str, title: str) -> SafeString:
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        title,
        text,
    )


@register.filter
def units(value: float | None) -> str:
    """Show exposure units with one decimal; a dash when they are not known."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{abs(value) if abs(value) < 0.05 else value:.1f}"


@register.filter
def amount(value: float | None) -> str:
    """Show a whole number with its digits in groups of three: 24 000."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{round(value):,}".replace(",", GROUP_SPACE)


@register.filter
def duration(value: dt.timedelta | float | None) -> str:
    """Show a length of time (or seconds) in its two largest parts: 3 min 10 s."""
    if value is None:
        return NOTHING
    seconds = value.total_seconds() if isinstance(value, dt.timedelta) else value
    if not math.isfinite(seconds) or seconds < 0:
        return NOTHING
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    left = round(seconds)
    for size, name, below, below_name in (
        (DAY, "d", HOUR, "h"),
        (HOUR, "h", MINUTE, "min"),
        (MINUTE, "min", 1, "s"),
    ):
        if left >= size:
            rest = left % size // below
            return f"{left // size} {name}" + (f" {rest} {below_name}" if rest else "")
    return f"{left} s"


@register.filter
def fingerprint(digest: str) -> str:
    """Show the two ends of a hash; the page carries the whole in a title."""
    return f"{digest[:4]}…{digest[-4:]}" if len(digest) > 9 else digest


@register.inclusion_tag("components/_field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """Show one form field with label, help and errors, joined for screen readers."""
    checkbox = isinstance(bound.field.widget, CheckboxInput)
    attrs: dict[str, str | bool] = {} if checkbox else {"class": "field"}
    if isinstance(bound.field.widget, Textarea):
        attrs |= {"rows": "2", "data-keep": bound.html_name}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return {
        "bound": bound,
        "widget": bound.as_widget(attrs=attrs),
        "checkbox": checkbox,
        "several": isinstance(bound.field.widget, CheckboxSelectMultiple),
    }


@register.inclusion_tag("components/_nav_item.html", takes_context=True)
def nav_item(
    context: RequestContext, url: str, label: str, count: int | None = None, *views: str
) -> dict[str, Any]:
    """Show one entry of the side menu, current on its own page and on `views`."""
    request = context.get("request")
    match: ResolverMatch | None = getattr(request, "resolver_match", None)
    here = match is not None and match.view_name in views
    return {"url": url, "label": label, "count": count, "here": here}


@register.filter
def branded(title: SafeString, name: str) -> SafeString:
    """Put a provider's product name where the title of a page ends with ours.

    `title` is what a block has rendered, so it is escaped already; the name is not.
    """
    if not name or name == PRODUCT or not title.endswith(PRODUCT):
        return title
    return format_html("{}{}", SafeString(title[: -len(PRODUCT)]), name)
