"""What people see when we fail: a plain page that needs no database."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

UNAVAILABLE, FAILED = 503, 500


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 503 when the database is away, else 500; never ask the database."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = UNAVAILABLE if away else FAILED
    page = loader.get_template(f"{status}.html").render()
    headers = {"Retry-After": "5"} if away else {}
    return HttpResponse(page, status=status, headers=headers)
