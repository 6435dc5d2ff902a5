"""Asks outside sources about the scope, politely, and keeps what they say."""

import datetime as dt
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from common.exchange import KEPT_HEADERS, OutgoingFailed
from common.outgoing import OutgoingClient, OutgoingRefused
from exposure.collectors.passive.contract import (
    DAY,
    Heard,
    KeyRefused,
    KnownService,
    Paused,
    Query,
    Request,
    Source,
    SourceError,
    Told,
)
from exposure.collectors.passive.sources import SOURCES
from exposure.models import (
    HoldingKind,
    ServiceElsewhere,
    Site,
    SourceAnswer,
    SourceGrant,
)
from exposure.probes.text import harmless
from exposure.services.attribution import Found, note
from exposure.services.source_grants import is_open, key_of
from exposure.services.source_questions import due, entry_of, note_roots, plan
from tenants.scope import workspace_scope
from tenants.services.jobs import enqueue

Get = Callable[[Request], Heard]
Pause = Callable[[float], None]

AT_ONCE = 100  # questions of one source in one job
LONGEST_JOB = 240.0  # seconds; then the next job goes on
LARGEST = 8 * 1024 * 1024  # bytes of one answer
MOST_REDIRECTS = 3
FAILURES_IN_A_ROW = 3
GO_ON = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Asking:
    """How questions go out: tests give their own."""

    get: Get
    pause: Pause = time.sleep
    clock: Callable[[], float] = time.monotonic


def over_the_internet() -> Asking:
    """Return the way out: HTTPS to public addresses, bounded, pinned, never redirected."""
    client = OutgoingClient(
        private=settings.SOURCES_ALLOWED_PRIVATE_RANGES,
        largest=LARGEST,
        total=30.0,
        kept=(*KEPT_HEADERS, "location"),
    )

    def get(request: Request) -> Heard:
        answer = client.get(request.url, headers=request.headers)
        return Heard(answer.status, answer.headers, answer.body)

    return Asking(get)


def ask_sources(*, heartbeat: Callable[[], None], asking: Asking | None = None) -> None:
    """Ask every open source what is due; what is left over is asked by the next job."""
    asking = asking or over_the_internet()
    began, left = asking.clock(), False
    for source in SOURCES:
        with workspace_scope():
            grant = SourceGrant.objects.filter(source=source.name).first()
            if grant is None or not is_open(grant, source) or _rests(grant):
                continue
            for site in Site.objects.order_by("name"):
                plan(source, site)
            questions = due(source, most=AT_ONCE)
        spent = _ask(
            source,
            questions,
            heartbeat=heartbeat,
            asking=asking,
            until=began + LONGEST_JOB,
        )
        left = left or not spent or len(questions) == AT_ONCE
    if left:
        with workspace_scope():
            enqueue("exposure.ask_sources", key="on", run_after=timezone.now() + GO_ON)


def _rests(grant: SourceGrant) -> bool:
    return grant.paused_until is not None and grant.paused_until > timezone.now()


def _ask(
    source: Source,
    questions: list[SourceAnswer],
    *,
    heartbeat: Callable[[], None],
    asking: Asking,
    until: float,
) -> bool:
    """Ask one source; False when time ran out before the last question."""
    failures = 0
    for number, question in enumerate(questions):
        if asking.clock() > until:
            return False
        heartbeat()
        key = _key_if_open(source)
        if key is None:  # the consent was withdrawn while we asked
            return True
        if number:
            asking.pause(source.pause)
        trouble = _ask_one(source, question, key, asking.get)
        failures = failures + 1 if trouble else 0
        if trouble and (
            isinstance(trouble, Paused | KeyRefused) or failures == FAILURES_IN_A_ROW
        ):
            _rest(source, trouble)
            return True
    return True


def _key_if_open(source: Source) -> str | None:
    with workspace_scope():
        grant = SourceGrant.objects.filter(source=source.name).first()
        if grant is None or not is_open(grant, source):
            return None
        return key_of(grant)


def _ask_one(
    source: Source, question: SourceAnswer, key: str, get: Get
) -> Exception | None:
    """Ask one question and keep what is told; return what went wrong, if anything."""
    query = Query(question.kind, question.value)
    try:
        told = _answer(source, query, key, get)
    except (Paused, KeyRefused) as error:
        return error
    except (SourceError, OutgoingFailed, OutgoingRefused) as error:
        _failed(question.pk, str(error))
        return error
    _keep(source, question.pk, told)
    return None


def _answer(source: Source, query: Query, key: str, get: Get) -> Told:
    request = source.request(query, key)
    for _ in range(MOST_REDIRECTS + 1):
        told = source.parse(get(request), query)
        if not told.more:
            return told
        request = Request(_next(source, request.url, told.more), request.headers)
    raise SourceError("The source sends us from one server to another.")


def _next(source: Source, url: str, more: str) -> str:
    """Return where a source sends us, if it is one of its own servers."""
    try:
        target = urljoin(url, more)
        host = urlsplit(target).hostname
    except ValueError as error:
        raise SourceError("The source sends us nowhere.") from error
    if host not in source.hosts or not target.startswith("https://"):
        raise SourceError("The source sends us to a server that we do not know.")
    return target


def _rest(source: Source, error: Exception) -> None:
    seconds = error.seconds if isinstance(error, Paused) else DAY
    with workspace_scope():
        SourceGrant.objects.filter(source=source.name).update(
            paused_until=timezone.now() + dt.timedelta(seconds=seconds),
            trouble=str(error)[:200],
        )


def _failed(pk: uuid.UUID, reason: str) -> None:
    now = timezone.now()
    with workspace_scope():
        SourceAnswer.objects.filter(pk=pk).update(
            asked_at=now, due_at=now + dt.timedelta(seconds=DAY), problem=reason[:200]
        )


def _keep(source: Source, pk: uuid.UUID, told: Told) -> None:
    now = timezone.now()
    with workspace_scope(), transaction.atomic():
        question = (
            SourceAnswer.objects.select_for_update(of=("self",))
            .select_related("site")
            .filter(pk=pk)
            .first()
        )
        if question is None:  # it left the scope meanwhile
            return
        note_roots(question.site, at=now)
        note(_found(source, question, told, at=now), site=question.site)
        _keep_services(source, question, told.services, at=now)
        question.asked_at, question.problem = now, ""
        question.due_at = now + dt.timedelta(seconds=source.fresh)
        question.told = len(told.known) + len(told.services)
        question.save()
        SourceGrant.objects.filter(source=source.name).update(
            paused_until=None, trouble=""
        )


def _found(
    source: Source, question: SourceAnswer, told: Told, *, at: dt.datetime
) -> list[Found]:
    found = [
        Found(
            each.kind,
            each.value,
            source.evidence,
            question.value,
            at,
            harmless(each.detail, limit=300),
        )
        for each in told.known
    ]
    if not (found or told.services) or question.kind != HoldingKind.ADDRESS:
        return found
    entry = entry_of(question.site, question.value)
    own = Found(HoldingKind.ADDRESS, question.value, "inside", entry, at)
    return [own, *found] if entry and entry != question.value else found


def _keep_services(
    source: Source,
    question: SourceAnswer,
    services: tuple[KnownService, ...],
    *,
    at: dt.datetime,
) -> None:
    rows = ServiceElsewhere.objects.filter(
        site=question.site, source=source.name, address=question.value
    )
    for each in services:
        said = {
            "protocol": harmless(each.protocol, limit=40),
            "product": harmless(each.product, limit=200),
            "weaknesses": [harmless(name, limit=60) for name in each.weaknesses[:100]],
            "seen_at": each.seen_at,
            "last_told": at,
        }
        ServiceElsewhere.objects.update_or_create(
            site=question.site,
            source=source.name,
            address=question.value,
            port=each.port,
            transport=each.transport,
            defaults=said | {"gone_at": None},
            create_defaults=said | {"first_told": at},
        )
    if question.kind == HoldingKind.ADDRESS:
        rows.filter(gone_at=None, last_told__lt=at).update(gone_at=at)
