"""Installs Debian packages for the tests, where that is one safe command."""

import os
import shutil
import subprocess

from launcher.terminal import Progress

# What benches and tests of the network need: the program, and the package it is in.
NETWORK_TOOLS = {"nmap": "nmap", "nft": "nftables", "ip": "iproute2"}
ADMIN_FOLDERS = "/usr/sbin:/sbin"


def ensure_network_tools(progress: Progress) -> None:
    """Install what is missing of the network tools if we may; else say what it is."""
    path = f"{os.environ.get('PATH', '')}:{ADMIN_FOLDERS}"
    missing = [
        package
        for program, package in NETWORK_TOOLS.items()
        if not shutil.which(program, path=path)
    ]
    if not missing or install(progress, *missing, purpose="the network tests"):
        return
    progress.say(
        f"Some network tests are left out; they need the Debian packages {', '.join(missing)}"
    )


def install(progress: Progress, *packages: str, purpose: str) -> bool:
    """Install packages without a question; False where we may not or it failed."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    progress.say(f"Installing the Debian packages {', '.join(packages)} for {purpose}")
    return _apt("update") and _apt(
        "install", "-y", "--no-install-recommends", *packages
    )


def _apt(*words: str) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words]
    return subprocess.run(command, env=quiet, capture_output=True).returncode == 0
