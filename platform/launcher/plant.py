"""Speaks with the demo plant through the files in its folder."""

import time
from pathlib import Path

from launcher.files import read_json, write_json
from launcher.terminal import Fault, NotRunning, table

PATIENCE = 20.0  # seconds that a host may take to restart with or without a fix


def is_up(folder: Path) -> bool:
    """Return whether every host of the plant says that it is up."""
    hosts = host_states(folder)
    return bool(hosts) and all(state == "up" for state in hosts.values())


def host_states(folder: Path) -> dict[str, str]:
    """Return whether each host is 'up' or 'down', by name, as the plant reports it."""
    hosts = read_json(folder / "status.json").get("hosts", {})
    return {
        str(name): "up" if isinstance(said, dict) and said.get("up") else "down"
        for name, said in (hosts.items() if isinstance(hosts, dict) else ())
    }


def list_fixes(folder: Path) -> str:
    """Return what can be fixed and what is, as lines for the terminal."""
    known, done = _known(folder), _done(folder)
    if not known:
        return "The demo plant offers nothing to fix."
    return table(
        (name, "fixed" if name in done else "open", sentence)
        for name, sentence in sorted(known.items())
    )


def set_fix(folder: Path, name: str, *, fixed: bool, patience: float = PATIENCE) -> str:
    """Ask the plant to fix a weakness or bring it back; wait until it has; say so."""
    known = _known(folder)
    if name not in known:
        offer = ", ".join(sorted(known)) or "nothing"
        raise Fault(f"The demo plant knows no fix '{name}'; it offers: {offer}.")
    wanted = read_json(folder / "fixes.json").get("fixed", [])
    names = set(wanted if isinstance(wanted, list) else []) - {name}
    names |= {name} if fixed else set()
    write_json(folder / "fixes.json", {"fixed": sorted(names)})
    until = time.monotonic() + patience
    while (name in _done(folder)) != fixed:
        if time.monotonic() > until:
            raise Fault(
                f"The demo plant was told, but did not answer within {patience:g} s;"
                " see: ./sightline logs plant"
            )
        time.sleep(0.1)
    return f"{'Fixed' if fixed else 'Open again'}: {known[name]}"


def _known(folder: Path) -> dict[str, str]:
    inventory = read_json(folder / "inventory.json")
    if not inventory:
        raise NotRunning("The demo plant does not run; start it with: ./sightline up")
    fixes = inventory.get("fixes", {})
    return {str(name): str(text) for name, text in fixes.items()}


def _done(folder: Path) -> set[str]:
    done = read_json(folder / "status.json").get("fixed", [])
    return {str(name) for name in done} if isinstance(done, list) else set()
