"""Finds every address under a workspace, and fills it with rows of Northmill."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from exposure.models import Finding, Run
from workflows.models import Channel, Decision


@dataclass(frozen=True)
class Address:
    """One route under /w/<workspace>/, with its converters."""

    route: str
    name: str

    def __str__(self) -> str:
        """Return the route, which names the test."""
        return self.route

    def at(self, workspace: str, rows: dict[str, object]) -> str:
        """Return the path for a workspace's slug and some rows."""
        path = "/" + self.route.replace("<slug:workspace>", workspace)
        for parameter, value in rows.items():
            path = path.replace(parameter, str(value))
        assert "<" not in path, f"Teach tests/isolation/walking.py about {path}."
        return path


def every_workspace_address() -> Iterator[Address]:
    """Yield every route that has a workspace in it."""
    yield from _walk(get_resolver().url_patterns, "")


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Address]:
    for each in patterns:
        text = str(each.pattern) if isinstance(each.pattern, RoutePattern) else ""
        route = prefix + text
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, route)
        elif "<slug:workspace>" in route:
            yield Address(route, each.name or "")


def rows_of(
    finding: Finding, run: Run, decision: Decision, channel: Channel
) -> dict[str, object]:
    """Return what fills each parameter of our routes."""
    return {
        "<str:ref>": finding.ref,
        "<int:number>": run.number,
        "<uuid:decision_id>": decision.pk,
        "<uuid:channel_id>": channel.pk,
    }
