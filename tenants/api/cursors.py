"""Pages by key: the cursor says behind which row to go on, and for which question."""

import base64
import binascii
import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Model, QuerySet

from tenants.api.problems import Refused

Row = TypeVar("Row", bound=Model)


def signer(workspace_id: uuid.UUID, route: str, asked: Mapping[str, Any]) -> Signer:
    """Return what signs the cursors of one question in one workspace.

    A cursor of another workspace, address or filter has another signature.
    """
    question = json.dumps(
        [str(workspace_id), route, asked], sort_keys=True, default=str
    )
    salt = hashlib.sha256(question.encode()).hexdigest()
    return Signer(sep=".", salt=f"tenants.api.cursors:{salt}")


def page_after(
    rows: QuerySet[Row], cursor: str, *, order: str, limit: int, by: Signer
) -> tuple[list[Row], str | None]:
    """Return one page and the cursor of the next one, None at the end.

    `order` is a field that no two rows share, with a minus for the newest first. Rows
    that are added meanwhile move nothing: no row comes twice and none is left out.
    """
    field = order.removeprefix("-")
    if cursor:
        column: Any = rows.model._meta.get_field(field)
        last = column.to_python(_read(cursor, by))
        rows = rows.filter(**{f"{field}__{'lt' if order[0] == '-' else 'gt'}": last})
    found = list(rows.order_by(order)[: limit + 1])
    if len(found) <= limit:
        return found, None
    page = found[:limit]
    return page, _write(str(getattr(page[-1], field)), by)


def _write(position: str, by: Signer) -> str:
    text = base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")
    return by.sign(text)


def _read(cursor: str, by: Signer) -> str:
    try:
        text = by.unsign(cursor)
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (BadSignature, binascii.Error, UnicodeError) as error:
        said = "This cursor is not one of this list with these filters."
        raise Refused(400, said, errors={"cursor": said}) from error
