"""What all addresses of the API do: check the scope, read a list, do something once."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.canonical import canonical_sha256
from tenants.api.cursors import page_after, signer
from tenants.api.parsing import StrictJSON
from tenants.api.problems import Refused, handle
from tenants.api.schema import ApiSchema
from tenants.api.serializers import Body, Filters, Nothing, refuse_unknown
from tenants.key_scopes import KeyScope
from tenants.services.answers import Given, once
from tenants.services.keys import Bearer

IDEMPOTENCY = re.compile(r"[\x21-\x7e]{1,200}")
Shown = type[serializers.Serializer[Any]]


class Endpoint(APIView):
    """One address of a workspace. The door has found the key: see `entrance`."""

    # Method -> what the key must be allowed; None: any valid key of the workspace.
    scopes: ClassVar[Mapping[str, KeyScope | None]] = {}
    shows: ClassVar[Shown]
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (StrictJSON,)
    renderer_classes = (JSONRenderer,)
    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]  # type: ignore[misc]  # the stubs take it for an instance's
    schema = ApiSchema()

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view, with what the middleware, the docs and tests read of it."""
        view: Any = super().as_view(**initkwargs)
        view.takes_key = True  # see tenants.middleware
        view.should_append_slash = False  # another address is not found, not moved
        view.scopes = cls.scopes
        return view

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in what key and maker may do; a method that is none is answered later."""
        super().initial(request, *args, **kwargs)
        method = "GET" if request.method == "HEAD" else request.method or ""
        scope = self.scopes.get(method)
        if scope is not None:
            self.bearer.check(scope)

    def get_exception_handler(self) -> Callable[..., Any]:
        """Return who turns exceptions into problem details."""
        return handle

    @property
    def bearer(self) -> Bearer:
        """The key, and what its maker is here."""
        found: Bearer = self.request._request.bearer  # type: ignore[attr-defined]  # see entrance
        return found

    def parameters(self, known: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """Return the checked parameters of the address; others are refused by name."""
        given = self.request.query_params
        fields = known()
        refuse_unknown(given, fields.fields)
        twice = {name: ["Once only."] for name in given if len(given.getlist(name)) > 1}
        if twice:
            raise serializers.ValidationError(twice)
        asked = known(data=given.dict())
        asked.is_valid(raise_exception=True)
        values: dict[str, Any] = asked.validated_data
        return values


class One(Endpoint):
    """One thing."""

    def get(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002 - the framework's signature
        """Answer it."""
        self.parameters(Nothing)
        return Response(self.shows(self.found(**kwargs), context=self._context()).data)

    def found(self, **kwargs: Any) -> Any:
        """Return the thing, or raise Http404."""
        raise NotImplementedError

    def _context(self) -> dict[str, Any]:
        return {"bearer": self.bearer}


class Listing(Endpoint):
    """A list, page by page."""

    filters: ClassVar[type[Filters]] = Filters
    order: ClassVar[str] = "id"

    def get(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002 - the framework's signature
        """Answer one page."""
        asked = self.parameters(self.filters)
        cursor, limit = asked.pop("cursor", ""), asked.pop("limit")
        place = f"{self.request.path} {type(self).__name__}"
        page, after = page_after(
            self.rows(**kwargs).filter(**asked),
            cursor,
            order=self.order,
            limit=limit,
            by=signer(self.bearer.key.workspace_id, place, asked),
        )
        shown = self.shows(self.prepared(page), many=True)
        return Response({"items": shown.data, "next": after})

    def rows(self, **kwargs: Any) -> QuerySet[Any]:
        """Return all rows that the key gets at."""
        raise NotImplementedError

    def prepared(self, page: list[Any]) -> Sequence[Any]:
        """Return what is shown of the rows of one page."""
        return page


class Doing(Endpoint):
    """An act. With an Idempotency-Key it is done once, however often it is sent."""

    takes: ClassVar[type[Body]] = Nothing
    gives: ClassVar[Shown]
    status: ClassVar[int] = 202

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Do it."""
        self.parameters(Nothing)
        body = self.takes(data=request.data)
        body.is_valid(raise_exception=True)

        def act() -> tuple[int, str]:
            made = self.gives(self.act(body.validated_data, **kwargs))
            return self.status, JSONRenderer().render(made.data).decode()

        given = self._once(request, act)
        headers = {"Idempotency-Replayed": "true"} if given.repeated else {}
        return Response(json.loads(given.body), status=given.status, headers=headers)

    def act(self, values: Mapping[str, Any], **kwargs: Any) -> Any:
        """Do what is asked and return what is shown of it."""
        raise NotImplementedError

    def _once(self, request: Request, act: Callable[[], tuple[int, str]]) -> Given:
        name = request.headers.get("Idempotency-Key")
        if name is None:
            return Given(*act(), repeated=False)
        if IDEMPOTENCY.fullmatch(name) is None:
            said = "An Idempotency-Key has 1 to 200 visible ASCII characters."
            raise Refused(400, said, errors={"Idempotency-Key": said})
        asked = [request.method, request.path, dict(request.data)]
        return once(
            name, act, key=self.bearer.key, request_hash=canonical_sha256(asked)
        )
