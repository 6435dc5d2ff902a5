"""Errors of the API, all in one shape: problem details after RFC 9457."""

import json
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from common.errors import Conflict, DomainError, InvalidInput, NotAllowed

MEDIA_TYPE = "application/problem+json"
NOT_FOUND = "There is nothing at this address for this key."
MOST_ERRORS, MOST_TEXT = 20, 300
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")
# What a status says when nobody has said more.
SAID: Mapping[int, str] = {
    400: "The request cannot be understood.",
    403: "This is not allowed.",
    404: NOT_FOUND,
    413: "The request is too large.",
    500: "Something failed on our side. It was noted.",
    503: "The service is not available right now.",
}


class Refused(exceptions.APIException):
    """An error with a status of its own, and the fields it is about."""

    def __init__(
        self, status: int, detail: str, *, errors: Mapping[str, str] | None = None
    ) -> None:
        """Say what is wrong."""
        super().__init__(detail)
        self.status_code = status
        self.errors = dict(errors or {})


def problem(
    status: int,
    detail: str = "",
    *,
    errors: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an error answer; `errors` says by field what is wrong with it."""
    title = HTTPStatus(status).phrase
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail or SAID.get(status, f"{title}."),
        "errors": [
            {"field": field[:MOST_TEXT], "detail": said[:MOST_TEXT]}
            for field, said in list((errors or {}).items())[:MOST_ERRORS]
        ],
    }
    return HttpResponse(
        json.dumps(body),
        status=status,
        content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def unauthorised() -> HttpResponse:
    """Return the one answer to everything that is no valid key."""
    return problem(
        401,
        "Send a valid key: Authorization: Bearer sl_...",
        headers={"WWW-Authenticate": 'Bearer realm="Sightline"'},
    )


def too_many(wait: int) -> HttpResponse:
    """Return what somebody gets who asks too often."""
    return problem(
        429,
        f"Too many requests. Try again in {wait} seconds.",
        headers={"Retry-After": str(wait)},
    )


def in_our_shape(response: Any) -> Any:
    """Return any error answer as problem details; others as they are."""
    if response.status_code < 400 or response.headers["Content-Type"] == MEDIA_TYPE:
        return response
    kept = {name: response.headers[name] for name in KEPT if name in response.headers}
    return problem(response.status_code, headers=kept)


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:  # noqa: ARG001 - the framework's signature
    """Return the answer to an exception of a view; None for our own mistakes."""
    if isinstance(error, Http404):
        return problem(404)
    if isinstance(error, PermissionDenied):
        return problem(403, str(error))
    if isinstance(error, DomainError):
        return _of_the_domain(error)
    if isinstance(error, exceptions.ValidationError):
        errors = dict(_flat(error.detail, ""))
        return problem(400, "The request does not fit.", errors=errors)
    if isinstance(error, exceptions.APIException):
        told = error.errors if isinstance(error, Refused) else {}
        return problem(error.status_code, str(error.detail), errors=told)
    return None


def _of_the_domain(error: DomainError) -> HttpResponse:
    if isinstance(error, NotAllowed):
        return problem(403, str(error))
    if isinstance(error, Conflict):
        return problem(409, str(error))
    if isinstance(error, InvalidInput):
        return problem(400, str(error), errors={error.field: str(error)})
    return problem(422, str(error))


def _flat(detail: Any, where: str) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) for every error of a serializer, however nested."""
    if isinstance(detail, Mapping):
        for field, inner in detail.items():
            yield from _flat(inner, f"{where}.{field}" if where else str(field))
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        yield where, " ".join(str(each) for each in detail)
    else:
        yield where, str(detail)
