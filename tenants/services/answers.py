"""Answers that are given once: a request sent again does nothing a second time."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from common.errors import Conflict, DomainError
from tenants.models import ApiAnswer, ApiKey

KEPT = dt.timedelta(hours=24)
PATIENCE = "5s"
Act = Callable[[], tuple[int, str]]


class OtherRequest(DomainError):
    """A name that was used for another request already."""


@dataclass(frozen=True, slots=True)
class Given:
    """Status and JSON of an answer, and whether it is an earlier one."""

    status: int
    body: str
    repeated: bool


def once(name: str, act: Act, *, key: ApiKey, request_hash: str) -> Given:
    """Do `act` unless this key did it under this name already; then say the same again.

    The name and what was done are written in one transaction: neither is there without
    the other. Somebody who comes at the same time waits, some seconds at most, and then
    raises Conflict. An act that raises leaves nothing. Raises OtherRequest when the name
    stands for another request.
    """
    _forget_old()
    try:
        with transaction.atomic():
            row = _begin(name, key, request_hash)
            row.status, row.body = act()
            row.save(update_fields=["status", "body"])
            return Given(row.status, row.body, repeated=False)
    except _Known:
        row = ApiAnswer.objects.get(key=key, name=name)
    if row.request_hash != request_hash:
        raise OtherRequest("This Idempotency-Key was used for another request.")
    return Given(row.status, row.body, repeated=True)


class _Known(Exception):
    """The name is there already."""


def _begin(name: str, key: ApiKey, request_hash: str) -> ApiAnswer:
    try:
        with transaction.atomic():
            _run(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            # A twin that has not ended yet holds the name: this waits for its end.
            row = ApiAnswer.objects.create(
                key=key, name=name, request_hash=request_hash
            )
            _run("SET LOCAL lock_timeout TO DEFAULT")
            return row
    except IntegrityError as error:
        raise _Known from error
    except OperationalError as error:
        raise Conflict("The same request is still being worked on.") from error


def _forget_old() -> None:
    ApiAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
