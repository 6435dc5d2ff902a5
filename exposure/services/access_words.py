"""What credentials and vendor accesses have in common: who may, what is refused."""

import uuid
from collections.abc import Iterable

from common.errors import InvalidInput, NotAllowed
from exposure.logic.secrecy import looks_secret
from exposure.models import Asset, Basis, Site
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from tenants.services import ledger
from tenants.services.jobs import enqueue

MOST_NAMED = 500
MOST_PORTS = 50
HIGHEST_PORT = 65_535


def check_describes(by: Membership) -> None:
    """Raise NotAllowed for those whose role may not describe the plant."""
    if not may(by, Right.OPERATE):
        raise NotAllowed("Your role may not describe the plant.")


def check_names_only(**texts: str) -> None:
    """Raise InvalidInput, by field, for text that looks like a secret."""
    for field, text in texts.items():
        if looks_secret(text):
            raise InvalidInput(
                field,
                "This looks like a secret. Write what it is called, never what it is.",
            )


def check_basis(basis: str) -> None:
    """Raise InvalidInput for a basis that there is not."""
    if basis not in Basis.values:
        raise InvalidInput("basis", "Say how this is known.")


def assets_named(site: Site, names: Iterable[str], *, field: str) -> list[Asset]:
    """Return the assets of a site with these names; blank ones are left out.

    Raises InvalidInput with the first name that the site has no asset of.
    """
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if len(wanted) > MOST_NAMED:
        raise InvalidInput(field, f"At most {MOST_NAMED} assets.")
    found = {row.name: row for row in Asset.objects.filter(site=site, name__in=wanted)}
    for name in wanted:
        if name not in found:
            raise InvalidInput(field, f"{site} has no asset called {name[:120]}.")
    return [found[name] for name in wanted]


def checked_ports(ports: Iterable[int]) -> list[int]:
    """Return ports in order, each once. Raises InvalidInput for what is none."""
    known = sorted(set(ports))
    if len(known) > MOST_PORTS:
        raise InvalidInput("ports", f"At most {MOST_PORTS} ports.")
    if known and not 1 <= known[0] <= known[-1] <= HIGHEST_PORT:
        raise InvalidInput("ports", "A port is a number from 1 to 65535.")
    return known


def note(
    action: str,
    *,
    about: str,
    by: Membership,
    text: str,
    change: ledger.Change,
    site_id: uuid.UUID,
) -> None:
    """Write down what somebody said, and have the attack paths computed anew.

    Once for all that changes now.
    """
    ledger.append(
        action, about=about[:80], by=by, text=text, change=change, site_id=site_id
    )
    enqueue("exposure.rebuild_paths", key="flow")
