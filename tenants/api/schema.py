"""The description of the API, made from its code: OpenAPI 3.1."""

import functools
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from tenants.api.problems import MEDIA_TYPE
from tenants.api.serializers import Filters, Problem

VERBS = {"GET": "read", "POST": "do"}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A name of your own for this request. Sent again within 24 hours, it "
    "does nothing and answers the same.",
)
NAMES = {
    "workspace": "The customer's short name, as in the address of its pages.",
    "ref": "The reference of an exposure, such as SL-12.",
    "number": "The number of a run.",
}


class ApiSchema(AutoSchema):
    """Reads an endpoint's own statements: scope, filters, body and answer."""

    view: Any  # an Endpoint, see tenants.api.endpoints

    def get_operation_id(self) -> str:
        """Return a name such as list_exposures or do_runs_stop."""
        words = [
            part
            for part in self.path.split("{workspace}/")[-1].split("/")
            if part and not part.startswith("{")
        ]
        is_list = self.method == "GET" and hasattr(self.view, "filters")
        verb = "list" if is_list else VERBS[self.method]
        name = "_".join([verb, *words])
        return f"{name}_one" if verb == "read" and self.path.endswith("}/") else name

    def get_summary(self) -> str:
        """Return the sentence of the code."""
        told = self.view.act if self.method == "POST" else type(self.view)
        return str(told.__doc__).split("\n")[0]

    def get_description(self) -> str:  # type: ignore[override]  # as its base has it
        """Return the scope that a key needs."""
        scope = self.view.scopes[self.method]
        return f"Needs the scope `{scope.value}`." if scope else "Needs any valid key."

    def get_auth(self) -> list[dict[str, Any]]:
        """Return the key with its scope."""
        scope = self.view.scopes[self.method]
        return [{"key": [scope.value] if scope else []}]

    def get_override_parameters(self) -> list[Any]:
        """Return path, filters of a list and the name of an act."""
        told: list[Any] = [
            OpenApiParameter(
                name,
                int if name == "number" else str,
                OpenApiParameter.PATH,
                description=said,
            )
            for name, said in NAMES.items()
            if f"{{{name}}}" in self.path
        ]
        if self.method == "POST":
            return [*told, IDEMPOTENCY_KEY]
        filters: type[Filters] | None = getattr(self.view, "filters", None)
        return [*told, filters] if filters else told

    def get_request_serializer(self) -> Any:
        """Return what an act takes."""
        return self.view.takes if self.method == "POST" else None

    def get_response_serializers(self) -> Any:
        """Return the answer, and problem details for every other status."""
        view = self.view
        if self.method == "POST":
            right = {view.status: view.gives}
        else:
            page = hasattr(view, "filters")
            right = {200: page_of(view.shows) if page else view.shows}
        return right | {("default", MEDIA_TYPE): Problem}


@functools.cache
def page_of(shows: type[serializers.Serializer[Any]]) -> Any:
    """Return what one page of a list is."""
    return type(
        f"{shows.__name__}Page",
        (serializers.Serializer,),
        {
            "__doc__": "One page; `next` is the cursor of the following one.",
            "items": shows(many=True),
            "next": serializers.CharField(allow_null=True),
        },
    )


@functools.cache
def description() -> dict[str, Any]:
    """Return the whole description, made once in a process."""
    patterns = get_resolver().url_patterns
    generator: Any = SchemaGenerator
    made: dict[str, Any] = _without_marks(
        generator(patterns=patterns).get_schema(public=True)
    )
    return made


def _without_marks(value: Any) -> Any:
    """Return the description without what the library only writes for itself."""
    if isinstance(value, dict):
        return {
            name: _without_marks(inner)
            for name, inner in value.items()
            if name != "x-spec-enum-id"
        }
    return (
        [_without_marks(each) for each in value] if isinstance(value, list) else value
    )


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Answer the description; it tells of the API and of nobody's data."""
    return HttpResponse(json.dumps(description()), content_type="application/json")
