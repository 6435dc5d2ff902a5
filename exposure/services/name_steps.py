"""The steps of a search: look names up, keep what they say, and try likely names."""

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from exposure.logic.names import wildcards
from exposure.logic.names.guesses import guesses
from exposure.logic.names.hygiene import to_act_on
from exposure.logic.names.labels import is_at_or_below
from exposure.logic.names.messages import Question, Status
from exposure.logic.names.wildcards import Wildcard
from exposure.models import Holding, HoldingKind, HoldingState, OwnerAnswer
from exposure.services.attribution import Found, note
from exposure.services.name_job import Job
from exposure.services.name_looks import keep
from exposure.services.name_questions import look_at
from exposure.services.name_scope import at_or_below, refresh
from exposure.services.resolving import chain_in, look_up
from tenants.scope import workspace_scope

AT_ONCE = 200  # names; after each batch a search can be resumed from there
MOST_NAMES = 20_000  # of one search
MOST_ZONES, MOST_LEVELS = 20, 200
MOST_WILDCARDS = 20  # that are written down at one zone


def look_at_all(job: Job) -> None:
    """Look up every name in scope that was not yet, also those that this finds."""
    for _ in range(MOST_NAMES // AT_ONCE):
        with workspace_scope():
            waiting = _names(job).filter(Q(checked_at=None) | Q(checked_at__lt=job.at))
            batch = {row.value: row for row in waiting.order_by("value")[:AT_ONCE]}
        if not batch or job.should_stop():
            return
        looks, found = look_at(sorted(batch), job=job)
        if job.should_stop():
            return  # half of an answer is none
        with workspace_scope():
            drifted = keep(looks, batch, scope=job.scope, at=job.at, run=job.search.run)
            noted = note(found, site=job.search.site)
            refresh(job.search.site_id, found_at=job.at)
            job.count(names=len(looks), drifted=drifted, found=noted.new)


def guess(job: Job) -> None:
    """Try likely names below each zone in scope; what only a wildcard answers is none."""
    with workspace_scope():
        rows = _names(job).exclude(state=HoldingState.GONE)
        known = set(rows.values_list("value", flat=True)[:MOST_NAMES])
        zones = set(rows.filter(facts__zone=True).values_list("value", flat=True))
    zones |= set(job.scope.tops)
    wild = _wildcards(job, zones, known)
    if job.should_stop():
        return
    with workspace_scope():
        _keep_wildcards(job, zones, wild)
    for zone in sorted(zones, key=lambda name: (name.count("."), name))[:MOST_ZONES]:
        if zone not in job.search.zones_done:
            _guess_below(zone, known, wild.get(zone, Wildcard()), job)


def _names(job: Job) -> QuerySet[Holding]:
    rows = Holding.objects.filter(
        at_or_below(job.scope.tops),
        site_id=job.search.site_id,
        kind=HoldingKind.NAME,
        in_scope=True,
    )
    return rows.exclude(answer=OwnerAnswer.NOT_OURS)


def _wildcards(job: Job, zones: set[str], known: set[str]) -> dict[str, Wildcard]:
    """Try random names at every level: first where names are guessed, then elsewhere."""
    found = wildcards.levels(known, job.scope.tops)
    levels = list(dict.fromkeys([*sorted(zones), *found]))[:MOST_LEVELS]
    names = {level: wildcards.random_names(level) for level in levels}
    answers = look_up(
        (
            Question(name, type_)
            for tried in names.values()
            for name in tried
            for type_ in ("A", "AAAA")
        ),
        should_stop=job.should_stop,
    )
    return {
        level: wildcards.judge([chain_in(name, answers) for name in tried])
        for level, tried in names.items()
    }


def _keep_wildcards(job: Job, zones: set[str], wild: dict[str, Wildcard]) -> None:
    """Write each wildcard down at the zone that it is in."""
    below: dict[str, list[str]] = {zone: [] for zone in zones}
    for level, each in wild.items():
        holders = [zone for zone in zones if is_at_or_below(level, [zone])]
        if each.is_there and holders:
            below[max(holders, key=len)].append(level)
    rows = list(_names(job).filter(value__in=zones))
    for row in rows:
        row.facts.pop("wildcards", None)
        if found := sorted(below[row.value]):
            row.facts["wildcards"] = found[:MOST_WILDCARDS]
        row.to_act_on = to_act_on(row.facts)
    Holding.objects.bulk_update(rows, ["facts", "to_act_on"])


def _guess_below(zone: str, known: set[str], wild: Wildcard, job: Job) -> None:
    tried = list(guesses(zone, known))
    answers = look_up((Question(name) for name in tried), should_stop=job.should_stop)
    # A name that is there without an IPv4 address may have another one.
    half = [
        question.name
        for question, answer in answers.items()
        if answer.status is Status.ANSWERED and not answer.records
    ]
    answers |= look_up(
        (Question(name, "AAAA") for name in half), should_stop=job.should_stop
    )
    if job.should_stop():
        return

    def hits() -> Iterator[Found]:
        for name in tried:
            chain = chain_in(name, answers)
            there = chain.addresses or chain.names
            if there and not wild.explains(chain):
                yield Found(HoldingKind.NAME, name, "permutation of", zone, job.at)

    with workspace_scope():
        noted = note(hits(), site=job.search.site)
        refresh(job.search.site_id, found_at=job.at)
        job.search.zones_done.append(zone)
        job.search.save(update_fields=["zones_done"])
        job.count(guesses=len(tried), found=noted.new)
