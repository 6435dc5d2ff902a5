"""Who we say we are: one name in every client that has one, and where to read about it."""

from __future__ import annotations

from typing import Final

CLIENT: Final = "exposure-check"
ABOUT_PATH: Final = "/about-our-probes/"
# The page of the documentation's example; an installation puts its own address there.
EXAMPLE: Final = "https://sightline.example/about-our-probes/"


class Identity:
    """What this installation writes into the User-Agent of a web request."""

    about: str = EXAMPLE


def user_agent(about: str = "") -> str:
    """Return the User-Agent of every web request; it names the page, ours unless told."""
    return f"{CLIENT} (+{about or Identity.about})"
