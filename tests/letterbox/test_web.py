"""The mailbox's addresses and what protects them."""

import re
from html.parser import HTMLParser

import pytest

NOBODY = "01990f6e-0000-7000-8000-000000000001"


@pytest.mark.parametrize("path", ["/", "/hooks", "/nothing", "/api/messages"])
def test_it_forbids_scripts_frames_and_foreign_content(visitor, path):
    headers = visitor.get(path).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "Python" not in headers["Server"]


class Outline(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("path", ["/", "/hooks", "/nothing"])
def test_its_pages_are_well_made(visitor, path):
    outline = Outline()
    outline.feed(visitor.get(path).text)

    assert [outline.tags.count(tag) for tag in ("h1", "main", "title", "nav")] == [
        1
    ] * 4
    assert ("lang", "en") in outline.attributes
    assert not {"script", "style"} & set(outline.tags)
    assert not [
        name for name, _ in outline.attributes if name.startswith(("style", "on"))
    ]


def test_it_serves_the_styles_its_pages_ask_for(visitor):
    page = visitor.get("/").text

    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = visitor.get(path)
        assert answer.status == 200, path
        assert answer.headers["Content-Type"] in {"text/css", "image/svg+xml"}


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/../web.py",
        "/static/css/../../mailbox/web.py",
        "/static/css/%2e%2e/sightline.css",
        "/mails/../../etc/passwd",
        "/mails/%2e%2e%2fsecret",
        f"/mails/{NOBODY}",
        f"/hooks/{NOBODY}",
        f"/api/messages/{NOBODY}",
        "/mails/",
        "/mails",
        "http://127.0.0.1/",
        "/\0",
    ],
)
def test_it_shows_nothing_that_is_not_there(visitor, path):
    raw = path.replace("\0", "%00")

    assert visitor.get(raw).status == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8625", 200),
        ("127.0.0.1", 200),
        ("[::1]:8625", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("", 421),
        ("[", 421),
    ],
)
def test_it_answers_to_no_name_of_a_web_site(visitor, host, status):
    assert visitor.get("/api/messages", Host=host).status == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_it_knows_no_other_method(visitor, method):
    assert visitor.ask(method, "/").status == 501


def test_it_answers_head_without_a_body(visitor):
    answer = visitor.ask("HEAD", "/")

    assert (answer.status, answer.body) == (200, b"")


def test_it_does_not_show_the_method_a_stranger_made_up(visitor):
    assert b"EVIL" not in visitor.ask("EVIL", "/<script>").body
