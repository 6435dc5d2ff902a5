"""Logos: whatever is uploaded, a small PNG of pixels comes out, or a refusal."""

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from common.errors import InvalidInput
from tenants.services import logos

SECRET = b"taken at 48.2082 N by Petra"


def picture(kind: str, size: tuple[int, int] = (300, 60), **values: object) -> bytes:
    """Return a picture in some format."""
    out = io.BytesIO()
    Image.new("RGB", size, "#7b2cbf").save(out, format=kind, **values)
    return out.getvalue()


def encoded(raw: bytes, *, size: int | None = None) -> Image.Image:
    png = logos.encode(io.BytesIO(raw), size=len(raw) if size is None else size)
    return Image.open(io.BytesIO(png))


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is huge."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (
        chunk(b"IHDR", head),
        chunk(b"IDAT", b"\x78\x9c\x03\x00"),
        chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_three_formats_become_a_small_png(kind: str) -> None:
    found = encoded(picture(kind))

    assert found.format == "PNG"
    assert found.width <= 192
    assert found.height <= 48


def test_nothing_but_pixels_is_kept() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    for raw in (
        picture("PNG", pnginfo=text),
        picture("JPEG", exif=exif, comment=SECRET),
        picture("WEBP", exif=exif),
    ):
        assert SECRET in raw
        png = logos.encode(io.BytesIO(raw), size=len(raw))
        assert SECRET not in png
        chunks = {png[at : at + 4] for at in range(len(png))}
        assert not chunks & {b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"iCCP", b"tIME"}


def test_what_hangs_on_the_end_is_gone() -> None:
    """Row 31: a polyglot."""
    raw = picture("PNG") + b"<script>alert(1)</script>PK\x03\x04"

    assert b"script" not in logos.encode(io.BytesIO(raw), size=len(raw))


def test_a_noisy_logo_is_light_all_the_same() -> None:
    noise = Image.effect_noise((1000, 200), 200).convert("RGB")
    out = io.BytesIO()
    noise.save(out, format="JPEG", quality=60)

    png = logos.encode(io.BytesIO(out.getvalue()), size=len(out.getvalue()))

    assert len(png) <= 9 * 1024


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a" + b"\0" * 50,
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"\x89PNG\r\n\x1a\n",
        picture("PNG")[:60],
        picture("JPEG")[:300],
        picture("WEBP")[:40],
        picture("GIF"),
        picture("BMP", (20, 20)),
        picture("TIFF", (20, 20)),
        picture("PNG", (1025, 10)),
        picture("WEBP", (10, 1025)),
        bomb(50_000, 50_000),
        bomb(2**31 - 1, 2**31 - 1),
        bomb(0, 0),
        bomb(1000, 1000),
    ],
    ids=lambda raw: f"{raw[:12]!r} {len(raw)}",
)
def test_what_is_no_logo_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        logos.encode(io.BytesIO(raw), size=len(raw))


@pytest.mark.parametrize("says", [0, 10, 256 * 1024 + 1])
def test_a_file_that_is_too_large_is_refused_whatever_it_says(says: int) -> None:
    raw = picture("PNG") + b"\0" * 300_000

    with pytest.raises(InvalidInput, match="256 kB"):
        logos.encode(io.BytesIO(raw), size=says)
