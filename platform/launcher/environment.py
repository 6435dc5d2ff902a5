"""Builds the environment that the product's processes get; nothing else does."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from launcher.keys import Keys
from launcher.places import Places
from launcher.postgres import ADMIN
from launcher.settings import PREFIX, SECRETS, Settings

DATABASE = "sightline"
# Set for another Python program, these would lead ours astray.
FOREIGN = {"DJANGO_SETTINGS_MODULE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
# What only the start script reads. No process that serves people may have the
# administrator's address.
OURS = {
    "PORT",
    "BIND",
    "HOME",
    "MAILBOX_PORT",
    "MAILBOX_DIR",
    "MAILBOX_WEBHOOK_SECRET",
    "SMTP_PORT",
    "ADMIN_DATABASE_URL",
}


@dataclass(frozen=True)
class Services:
    """Where PostgreSQL's administrator and Redis are reached."""

    admin_url: str
    redis_url: str


def embedded_services(*, keys: Keys, postgres: Path, valkey: Path) -> Services:
    """Return the addresses of servers on Unix sockets: a folder and a file."""
    where = urlencode({"host": str(postgres)})
    return Services(
        admin_url=f"postgresql://{ADMIN}:{keys.admin_password}@/postgres?{where}",
        redis_url=f"unix://{quote(str(valkey))}?db=0",
    )


def role_url(admin_url: str, *, role: str, password: str) -> str:
    """Return the address of the product's database for another role."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(
        (parts.scheme, f"{role}:{password}@{host}", f"/{DATABASE}", parts.query, "")
    )


def django_environment(
    places: Places, settings: Settings, *, keys: Keys, services: Services
) -> dict[str, str]:
    """Return the whole environment of a Django process.

    What the operator set wins, except for the names that this function must know
    better because it runs the servers behind them. The administrator's address is
    not in it: see for_preparing().
    """
    product = {
        "SECRET_KEY": keys.secret_key,
        "MASTER_KEY": keys.master_key,
        **_databases(keys, services),
        "SITE_URL": settings.site_url,
        "EMAIL_URL": f"smtp://127.0.0.1:{settings.smtp_port}",
        "EMAIL_FROM": "Sightline <sightline@localhost>",
        "DEBUG": "0",
        **(_demo(settings) if settings.demo else {}),
    }
    fixed = {
        "REDIS_URL": services.redis_url,
        "DEMO": "1" if settings.demo else "0",
        "DEMO_FILE": str(places.demo),
        "FILES_DIR": str(places.files),
        "PLANT_INVENTORY": str(places.plant / "inventory.json"),
    }
    given = {key: text for key, text in settings.given.items() if key not in OURS}
    for name in SECRETS:
        # A value and a file for the same secret would contradict each other.
        if f"{name}_FILE" in given:
            product.pop(name, None)
    merged = {**product, **given, **fixed}
    return {
        **plain_environment(places.root),
        **kernel_cache(places),
        **_prefixed(merged),
    }


def kernel_cache(places: Places) -> dict[str, str]:
    """Return where numba keeps what it compiled: code that is run belongs to us alone."""
    return {"NUMBA_CACHE_DIR": str(places.kernels)}


def for_preparing(
    environment: Mapping[str, str], *, services: Services, keys: Keys
) -> dict[str, str]:
    """Return the environment of the one command that makes roles, tables and demo."""
    return {
        **environment,
        f"{PREFIX}ADMIN_DATABASE_URL": services.admin_url,
        f"{PREFIX}DEMO_WEBHOOK_SECRET": keys.webhook_secret,
    }


def plain_environment(root: Path) -> dict[str, str]:
    """Return our own environment with the product on Python's path, and no settings."""
    kept = {
        key: text
        for key, text in os.environ.items()
        if key not in FOREIGN and not key.startswith((PREFIX, "PG"))
    }
    path = os.pathsep.join([str(root), str(root / "platform")])
    return {**kept, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def mailbox_environment(
    places: Places, settings: Settings, *, keys: Keys
) -> dict[str, str]:
    """Return the environment of the mailbox: it needs none of the product's secrets."""
    own = {
        "BIND": "127.0.0.1",  # also when the product itself is open to others
        "MAILBOX_PORT": str(settings.mailbox_port),
        "SMTP_PORT": str(settings.smtp_port),
        "MAILBOX_DIR": str(places.mailbox),
        "SITE_URL": settings.site_url,
        "MAILBOX_WEBHOOK_SECRET": settings.given.get(
            "MAILBOX_WEBHOOK_SECRET", keys.webhook_secret
        ),
    }
    return {**plain_environment(places.root), **_prefixed(own)}


def _databases(keys: Keys, services: Services) -> dict[str, str]:
    roles = {
        "DATABASE_URL": ("ws_app", keys.app_password),
        "OWNER_DATABASE_URL": ("ws_owner", keys.owner_password),
        "DISPATCH_DATABASE_URL": ("ws_dispatch", keys.dispatch_password),
    }
    return {
        name: role_url(services.admin_url, role=role, password=password)
        for name, (role, password) in roles.items()
    }


def _demo(settings: Settings) -> dict[str, str]:
    return {
        "SCAN_ALLOWED_PRIVATE_RANGES": f"{settings.plant_network}.0.0/16",
        "WEBHOOK_ALLOWED_PRIVATE_RANGES": "127.0.0.1/32",
        # Simulators bear more than devices do, and people wait for the first finding.
        "SWEEP_OT_HOST_RATE": "40",
        "DEMO_WEBHOOK_URL": f"{settings.mailbox_url}/hooks/demo",
    }


def _prefixed(values: Mapping[str, str]) -> dict[str, str]:
    return {PREFIX + name: text for name, text in values.items()}
