"""Rules that hold for every template, read from the files themselves."""

import re
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from common.htmx import render_page

TEMPLATES = settings.ROOT / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
NAMES = [path.relative_to(TEMPLATES).as_posix() for path in FILES]
ERRORS = ["400", "403", "403_csrf", "404", "409", "429", "500", "503"]

# An attribute stands after a space or a quote; the words of a comment do not count.
FORBIDDEN = {
    "a style attribute": re.compile(r"""[\s"']style\s*="""),
    "an event attribute": re.compile(r"""[\s"'](on[a-z]+|hx-on[^\s=]*)\s*="""),
    "a script that is not a file": re.compile(r"<script(?![^>]*\ssrc=)", re.I),
    "a style element": re.compile(r"<style", re.I),
    "a javascript address": re.compile(r"javascript:", re.I),
    "text that is not escaped": re.compile(
        r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off"
    ),
    "an address of another site": re.compile(r"""(src|href)=["'](https?:)?//"""),
}
COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}", re.S)


def source(name: str) -> str:
    """Return a template without its comments."""
    return COMMENT.sub("", (TEMPLATES / name).read_text())


EVERYTHING = "\n".join(source(name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name: str) -> None:
    assert get_template(name)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what: str) -> None:
    assert [name for name in NAMES if FORBIDDEN[what].search(source(name))] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<p style="color:red">', "a style attribute"),
        ('<p class="x"onclick="x()">', "an event attribute"),
        ('<p hx-on:click="x()">', "an event attribute"),
        ("<script>x()</script>", "a script that is not a file"),
        ("{{ name|safe }}", "text that is not escaped"),
        ('<img src="//cdn.example/x.png">', "an address of another site"),
    ],
)
def test_it_would_see_each_breach(text: str, what: str) -> None:
    assert FORBIDDEN[what].search(text)


def test_every_form_that_posts_carries_a_token() -> None:
    forms = re.findall(r'<form[^>]*method="post".*?</form>', EVERYTHING, re.S | re.I)

    assert len(forms) > 10
    assert [form for form in forms if "{% csrf_token %}" not in form] == []


def test_every_htmx_part_works_without_script() -> None:
    tags = re.findall(r"<(?:a|form|button)\b[^>]*\shx-(?:get|post)=[^>]*>", EVERYTHING)

    assert len(tags) > 5
    assert [tag for tag in tags if not re.search(r'\s(href|action)="', tag)] == []


def test_what_is_polled_listens_to_the_heartbeat_only() -> None:
    assert not re.search(r'hx-trigger="[^"]*(every|\[)', EVERYTHING)


def test_every_piece_that_is_included_exists() -> None:
    wanted = {
        match
        for name in NAMES
        for match in re.findall(r'{% (?:include|extends) "([^"]+)"', source(name))
    }

    assert wanted <= set(NAMES)


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_page_needs_no_request_and_no_database(code: str) -> None:
    html = render_to_string(f"{code}.html")

    assert "<h1>" in html
    assert "htmx" not in html


def test_a_refusal_names_what_is_missing_and_is_escaped() -> None:
    html = render_to_string("403.html", {"exception": "<script>x</script>"})

    assert "&lt;script&gt;" in html
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("cookie", "attribute"),
    [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ('"><x', "")],
)
def test_the_theme_comes_from_a_cookie_we_know(cookie: str, attribute: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie

    html = render_to_string("404.html", {"request": request})

    assert f'<html lang="en"{attribute}>' in html


def asked(**headers: str) -> HttpRequest:
    """Return a request that passed the htmx middleware."""
    request = RequestFactory().get("/", headers=headers)
    request.user = SimpleNamespace(is_authenticated=False)  # type: ignore[assignment]
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize(
    ("headers", "start"),
    [
        ({}, b"<!doctype"),
        ({"HX-Request": "true"}, b'<div class="empty">'),
        ({"HX-Request": "true", "HX-Boosted": "true"}, b"<!doctype"),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, b"<!doctype"),
    ],
)
def test_htmx_gets_the_piece_and_a_browser_the_page(
    headers: dict[str, str], start: bytes
) -> None:
    context = {"title": "Nothing here", "text": ""}

    response = render_page(
        asked(**headers), "404.html", context, piece="components/_empty.html"
    )

    assert response.content.strip().startswith(start)
    assert "HX-Request" in response["Vary"]
    assert "HX-History-Restore-Request" in response["Vary"]


def test_a_page_without_pieces_is_always_whole() -> None:
    request = asked(**{"HX-Request": "true"})

    response = render_page(request, "404.html", {}, status=422)

    assert b"<!doctype" in response.content
    assert response.status_code == 422
