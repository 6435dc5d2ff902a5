"""The keys and passwords of one copy, made once and kept in one private file."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from launcher.files import locked, write_json
from launcher.terminal import Fault


@dataclass(frozen=True)
class Keys:
    """What must stay secret: keys, and one password for each database role."""

    secret_key: str
    master_key: str  # base64 of 32 bytes
    admin_password: str
    owner_password: str
    app_password: str
    dispatch_password: str
    webhook_secret: str  # of the demo's endpoint, which is the local mailbox


def new_keys() -> Keys:
    """Return fresh random keys; passwords need no quoting in an address."""
    return Keys(
        secret_key=secrets.token_urlsafe(48),
        master_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        admin_password=secrets.token_hex(24),
        owner_password=secrets.token_hex(24),
        app_password=secrets.token_hex(24),
        dispatch_password=secrets.token_hex(24),
        webhook_secret="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
    )


def parse_keys(text: str, *, where: str) -> Keys:
    """Return the keys in a secrets file; `where` names it in the error."""
    try:
        content: Mapping[str, object] = json.loads(text)
        values = {item.name: str(content[item.name]) for item in fields(Keys)}
    except (ValueError, KeyError, TypeError) as error:
        raise Fault(f"{where} is damaged: it is not a file of keys.") from error
    return Keys(**values)


def keys_of(path: Path) -> Keys:
    """Return the keys in `path`; make the file if it is missing.

    Two copies that start at once get the same keys.
    """
    with locked(path.with_suffix(".lock")):
        if not path.exists():
            write_json(path, asdict(new_keys()))
        return parse_keys(path.read_text(encoding="utf-8"), where=str(path))
