"""What a start page looks like."""

import pytest

from exposure.probes.base import Outcome
from exposure.probes.http import PROBE
from exposure.probes.page import describe, unchunked
from tests.exposure.probes.stage import ask, saying

PANEL = b"<title>Miniweb Start Page</title><h1>Line 2</h1><a href=x>Trends</a>"


def test_it_knows_an_operator_panel() -> None:
    facts = describe(PANEL, server=b"SIMATIC HMI_Panel")

    assert facts["title"] == "Miniweb Start Page"
    assert facts["panel_markers"] == ["hmi", "miniweb", "panel", "simatic"]
    assert facts["password_input"] is False
    assert facts["sign_in_words"] == []


@pytest.mark.parametrize(
    "field",
    [
        b'<input type="password">',
        b"<INPUT name=p TYPE = 'PASSWORD'>",
        b"<input\nclass=x\ntype=password>",
    ],
)
def test_it_finds_a_password_field(field: bytes) -> None:
    assert describe(PANEL + field, server=b"")["password_input"] is True


def test_it_does_not_take_a_word_inside_another_for_a_marker() -> None:
    facts = describe(b"<title>Schmidt and Sons</title>", server=b"cPanel")

    assert facts["panel_markers"] == []


def test_it_counts_the_visible_text_only() -> None:
    page = b"<style>p{color:red}</style><p>Hi  all</p><script>var a = 'long';</script>"

    assert describe(page, server=b"")["text_length"] == len("Hi all")


def test_it_notices_talk_of_signing_in() -> None:
    facts = describe(b"<p>Please log in. Anmelden</p>", server=b"")

    assert facts["sign_in_words"] == ["anmelden", "log in"]


def test_it_joins_a_chunked_page() -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nServer: tiny\r\n\r\n"
        b"7\r\n<title>\r\nb;x=1\r\nHMI</title>\n\r\n0\r\n\r\n"
    )

    result = ask(PROBE, saying(answer))

    assert result.outcome is Outcome.IDENTIFIED
    assert result.facts["title"] == "HMI"


@pytest.mark.parametrize(
    "body", [b"", b"zz\r\nabc", b"-5\r\nabc", b"ffffffffffff\r\na", b"5"]
)
def test_it_ends_at_a_chunk_that_makes_no_sense(body: bytes) -> None:
    assert unchunked(body) == b""


def test_it_names_the_server_it_asks() -> None:
    result = ask(PROBE, saying(b"HTTP/1.1 200 OK\r\n\r\n"), server_name="hmi.example")

    assert b"\r\nHost: hmi.example\r\n" in result.exchanges[0].data
