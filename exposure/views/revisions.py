"""Pages: one revision of the paths, counted again by whoever doubts it."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from common.errors import DomainError
from common.htmx import render_page
from exposure.logic.paths.export import GraphTooLarge
from exposure.models import PathRevision
from exposure.services import paths, rechecks
from exposure.views.links import link
from tenants.access import MemberRequest, may, needs
from tenants.rights import Right

LEVELS = {True: messages.SUCCESS, False: messages.ERROR, None: messages.INFO}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a revision rests on; see exposure/paths/revision.html."""

    number: int
    at: dt.datetime
    units: float
    worlds: int
    engine: str
    policy_hash: str
    snapshot_hash: str
    graph_hash: str
    graph_size: int


@require_safe
@needs(Right.READ)
def revision(request: MemberRequest, revision: int) -> HttpResponse:
    """Show what a revision rests on; who sees all sites may have it checked."""
    may_reproduce = may(request.membership, Right.REPRODUCE)
    lines = paths.lines_here()
    rows = PathRevision.objects.defer(*paths.HEAVY)
    row = get_object_or_404(rows, number=revision)
    graph = rechecks.graph_of(revision)
    context = {
        "facts": Facts(
            number=row.number,
            at=row.created_at,
            units=row.exposure_units
            if lines is None
            else paths.units_of(row.by_line, lines),
            worlds=row.worlds,
            engine=row.engine,
            policy_hash=row.policy_hash,
            snapshot_hash=row.snapshot_hash,
            graph_hash=graph[0] if graph else "",
            graph_size=graph[1] if graph else 0,
        ),
        "may_reproduce": may_reproduce,
        "last": rechecks.last_check(revision) if may_reproduce else None,
        "history_url": link(request, "exposure:path-history"),
        "method_url": link(request, "exposure:method"),
        "check_url": link(request, "exposure:check-revision", revision=revision),
        "graph_url": link(request, "exposure:revision-graph", revision=revision),
    }
    return render_page(request, "exposure/paths/revision.html", context)


@require_POST
@needs(Right.REPRODUCE)
def check(request: MemberRequest, revision: int) -> HttpResponse:
    """Count a revision again, and say what came of it."""
    try:
        said = rechecks.check(revision, by=request.membership)
    except PathRevision.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.add_message(request, LEVELS[said.same], said.text)
    return HttpResponseRedirect(
        link(request, "exposure:path-revision", revision=revision)
    )


@require_POST
@needs(Right.REPRODUCE)
def graph(request: MemberRequest, revision: int) -> HttpResponse:
    """Give the attack graph of a revision away as a file of GraphML."""
    try:
        content = rechecks.graphml_of(revision, by=request.membership)
    except PathRevision.DoesNotExist as error:
        raise Http404 from error
    except (rechecks.NoGraph, GraphTooLarge) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(
            link(request, "exposure:path-revision", revision=revision)
        )
    name = f"{request.workspace.slug}-paths-{revision}.graphml"
    return HttpResponse(
        content,
        content_type="application/graphml+xml; charset=utf-8",
        headers={
            "Cache-Control": "private, no-store, no-transform",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )
