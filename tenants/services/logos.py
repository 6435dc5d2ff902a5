"""Logos: what is uploaded is decoded, made small and encoded anew; only pixels are kept."""

import io
import struct
import warnings
import zlib
from typing import Protocol

from PIL import Image

from common.errors import InvalidInput

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES, MAX_SIDE = 256 * 1024, 1024
# Shown 22 px high; twice that for fine screens. A page stays light with it.
SHOWN = (192, 48)
LIGHT = 8 * 1024
# What a decoder raises for a file that is not what it says.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    EOFError,
    struct.error,
    zlib.error,
    OverflowError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class Readable(Protocol):
    """A file that somebody has sent."""

    def read(self, size: int, /) -> bytes:
        """Return some bytes."""


def encode(upload: Readable, *, size: int) -> bytes:
    """Return a logo as a small PNG without anything but pixels.

    Raises InvalidInput for a file that is too large, is no PNG, JPEG or WebP, or whose
    picture is larger than allowed: sides are read before a single pixel is decoded.
    """
    if not 0 < size <= MAX_BYTES:
        raise InvalidInput("logo", "A logo has at most 256 kB.")
    raw = upload.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise InvalidInput("logo", "A logo has at most 256 kB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _encoded(raw)
    except InvalidInput:
        raise
    except BROKEN as error:
        raise InvalidInput("logo", "This is no PNG, JPEG or WebP picture.") from error


def _encoded(raw: bytes) -> bytes:
    with Image.open(io.BytesIO(raw), formats=FORMATS) as picture:
        if max(picture.size) > MAX_SIDE or min(picture.size) < 1:
            raise InvalidInput("logo", f"A logo has at most {MAX_SIDE} px a side.")
        pixels = picture.convert("RGBA")
    pixels.thumbnail(SHOWN)
    # A new picture has no profile, text, time or position of a camera.
    clean = Image.new("RGBA", pixels.size)
    clean.paste(pixels)
    png = _png(clean)
    return png if len(png) <= LIGHT else _png(clean.quantize(64))


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, format="PNG", optimize=True)
    return out.getvalue()
