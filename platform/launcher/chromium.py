"""Finds the browser for the tests, and installs it where that is one safe command."""

import os
import shutil
import subprocess

from launcher.terminal import Progress

PACKAGE = "chromium-headless-shell"
NAMES = (PACKAGE, "chromium", "chromium-browser", "google-chrome")


def ensure_chromium(progress: Progress) -> None:
    """Install Debian's package when there is no Chromium and we may; else say its name."""
    if any(shutil.which(name) for name in NAMES):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        progress.say(f"Installing the Debian package {PACKAGE} for the browser tests")
        if _apt("update") and _apt("install", "-y", "--no-install-recommends", PACKAGE):
            return
    progress.say(
        f"No Chromium was found; the browser tests need the Debian package {PACKAGE}"
    )


def _apt(*words: str) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words]
    return subprocess.run(command, env=quiet, capture_output=True).returncode == 0
