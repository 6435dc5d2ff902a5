"""Names and types of files: harmless to show and to save, found out from the bytes."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.logic.file_names import MAX_NAME, display_name, ending_of
from tenants.logic.media_types import (
    DOCX,
    HEAD_BYTES,
    PCAP,
    PCAPNG,
    TEXT,
    UNKNOWN,
    XLSX,
    ZIP,
    label,
    media_type,
    refusal,
)

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("photo.png", "photo.png"),
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\cmd.exe", "cmd.exe"),
        ("/absolute/plan.pdf", "plan.pdf"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("   ", "file"),
        ("folder/", "file"),
        ("con", "_con"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("NUL .txt", "_NUL .txt"),
        ("com1.pdf", "_com1.pdf"),
        ("LPT¹.pdf", "_LPT¹.pdf"),
        ("console.txt", "console.txt"),
        ("a:b|c?d*e.txt", "a_b_c_d_e.txt"),
        ('<img src=x onerror="alert(1)">.png', "_img src=x onerror=_alert(1)__.png"),
        ("photo.png. . .", "photo.png"),
        ("one\0two.png", "one two.png"),
        ("one\r\nSet-Cookie: x.png", "one Set-Cookie_ x.png"),
        ("photo\u202egnp.exe", "photo gnp.exe"),
        ("lone\ud800.png", "lone .png"),
        ("Schaltschra\u0308nke.png", "Schaltschr\u00e4nke.png"),
        (".htaccess", "htaccess"),
    ],
)
def test_a_name_is_harmless(given: str, shown: str) -> None:
    assert display_name(given) == shown


def test_a_long_name_keeps_its_ending() -> None:
    assert display_name("x" * 10_000 + ".png") == "x" * 116 + ".png"
    assert display_name("x" * 10_000) == "x" * 120
    assert display_name("x." + "y" * 10_000) == "x." + "y" * 118


def test_composed_and_decomposed_letters_give_one_name() -> None:
    assert display_name("Ko\u0308ln.pdf") == display_name("K\u00f6ln.pdf")


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_whatever_comes_the_name_is_short_and_no_path(text: str) -> None:
    name = display_name(text)

    assert 0 < len(name) <= MAX_NAME
    assert not set(name) & set('/\\\0\r\n<>:"|?*')
    assert name not in {".", ".."}
    assert name.encode()  # no half characters
    assert display_name(name) == name


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.PNG", "png"), ("a.tar.gz", "gz"), ("a", ""), (".png", ""), ("a.", "")],
)
def test_an_ending_is_what_follows_the_last_dot(name: str, ending: str) -> None:
    assert ending_of(name) == ending


def zipped(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 100)
    return target.getvalue()


WORKBOOK = zipped("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")
LETTER = zipped("word/document.xml", "_rels/.rels", "[Content_Types].xml")


@pytest.mark.parametrize(
    ("head", "ending", "found"),
    [
        (PNG + b"IHDR", "png", "image/png"),
        (JPEG, "jpg", "image/jpeg"),
        (b"%PDF-1.7\n", "pdf", "application/pdf"),
        (b"\xd4\xc3\xb2\xa1\2\0\4\0", "pcap", PCAP),
        (b"\x0a\x0d\x0d\x0a\x1c\0\0\0", "pcapng", PCAPNG),
        (zipped("plan.txt"), "zip", ZIP),
        (zipped(), "zip", ZIP),
        (WORKBOOK, "xlsx", XLSX),
        (LETTER, "docx", DOCX),
        (b"Dear all,\r\n\tit is done.\n", "txt", TEXT),
        ("Größe".encode("latin-1"), "txt", TEXT),
        ("Größe".encode("utf-16"), "txt", TEXT),
        (b"name;port\nPLC;102\n", "csv", "text/csv"),
        (b'\xef\xbb\xbf {"a": 1}', "json", "application/json"),
        (b'<?xml version="1.0"?><a/>', "xml", "application/xml"),
        (b"MZ\x90\0\3\0\0\0", "txt", UNKNOWN),
        (b"\x7fELF\2\1\1\0", "txt", UNKNOWN),
        (b"GIF89a\1\0\1\0", "txt", UNKNOWN),
        (b"\0" * 100, "csv", UNKNOWN),
    ],
)
def test_the_bytes_say_what_it_is(head: bytes, ending: str, found: str) -> None:
    assert media_type(head, ending=ending) == found
    assert (refusal(found, ending=ending) == "") is (found != UNKNOWN)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "photo.png"),
        (b"<svg onload='alert(1)'/>", "photo.png"),
        (b"<svg onload='alert(1)'/>", "photo.svg"),
        (b"<html></html>", "page.html"),
        (b"MZ\x90\0", "setup.exe"),
        (b"MZ\x90\0", "plan.pdf"),
        (b"#!/bin/sh\n", "run.sh"),
        (PNG, "photo.jpg"),
        (JPEG, "archive.zip"),  # a picture with an archive behind it
        (b"GIF89a" + zipped("Evil.class"), "photo.gif"),
        (b"GIF89a" + zipped("Evil.class"), "app.zip"),
        (zipped("plan.txt"), "plan.xlsx"),
        (WORKBOOK, "letter.docx"),
        (b"[1]", "no-ending"),
        (b"no json", "facts.json"),
        (b"no xml", "facts.xml"),
        (PNG, "photo.png.exe"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(head: bytes, name: str) -> None:
    ending = ending_of(name)

    assert refusal(media_type(head, ending=ending), ending=ending)


def test_a_refusal_says_what_it_found() -> None:
    assert refusal("image/png", ending="jpg").endswith("something else: PNG picture.")
    assert refusal(UNKNOWN, ending="jpg").endswith("the content is something else.")
    assert refusal("image/png", ending="gif").startswith("Only these can be attached:")
    assert label(UNKNOWN) == "file"


def test_a_bomb_of_names_is_looked_at_in_its_head_only() -> None:
    head = (b"PK\x03\x04" + b"\xff" * 26) * 10_000

    assert media_type(head[:HEAD_BYTES], ending="zip") == ZIP
