"""Finds the browser for the tests, and installs it where that is one safe command."""

import shutil

from launcher.debian import install
from launcher.terminal import Progress

PACKAGE = "chromium-headless-shell"
NAMES = (PACKAGE, "chromium", "chromium-browser", "google-chrome")


def ensure_chromium(progress: Progress) -> None:
    """Install Debian's package when there is no Chromium and we may; else say its name."""
    if any(shutil.which(name) for name in NAMES):
        return
    if not install(progress, PACKAGE, purpose="the browser tests"):
        progress.say(
            f"No Chromium was found; the browser tests need the Debian package {PACKAGE}"
        )
