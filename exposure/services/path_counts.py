"""The job that counts what a page waits for; see `services.counting`."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import asdict, replace

from django.utils import timezone

from common.canonical import canonical_bytes
from common.errors import DomainError
from exposure.logic.paths.results import PathAnalysis
from exposure.logic.paths.snapshot import PlantSnapshot
from exposure.models import Asset
from exposure.services import counting, paths
from exposure.services.counting import Question
from exposure.services.onward import count_onward
from tenants.scope import site_scope, workspace_scope
from tenants.work import lease_kept


def count(
    revision_id: uuid.UUID,
    *,
    sites: Collection[str] | None,
    counted: str,
    asset: str,
    until: str,
) -> None:
    """Count what a page has asked for, unless it is there, too late or out of date.

    An asset that the reader may not see any more is not counted either: nobody waits
    for it.
    """
    if timezone.now() > dt.datetime.fromisoformat(until):
        return
    with workspace_scope(), site_scope(counting.sites_of(sites)):
        newest = paths.newest_revision()
        if newest is None or newest.pk != revision_id:
            return
        if asset and not Asset.objects.filter(pk=asset).exists():
            return
        question = Question(revision_id, paths.sight_here(), counted, asset)
        whole = paths.whole_of(revision_id)
    try:
        with lease_kept():
            _count_view(replace(question, asset_id=""), *whole)
        if asset and not counting.is_answered(question):
            with workspace_scope(), site_scope(counting.sites_of(sites)):
                answer = paths.answer_of(newest, counted)
            with lease_kept():
                radius = count_onward(question, answer)
            counting.keep(question, canonical_bytes(asdict(radius)))
    except DomainError as error:  # the same plant is refused again, however often
        counting.refuse(question, str(error))


def give_up(
    revision_id: uuid.UUID, *, sites: Collection[str] | None, counted: str, asset: str
) -> None:
    """Tell the pages that wait that nothing comes."""
    with workspace_scope(), site_scope(counting.sites_of(sites)):
        sight = paths.sight_here()
    question = Question(revision_id, sight, counted, asset)
    counting.refuse(question, counting.GIVEN_UP)


def _count_view(question: Question, known: PathAnalysis, plant: PlantSnapshot) -> None:
    if question.sight is None and not question.counted:
        return  # that is the revision itself
    if not counting.is_answered(question):
        answer = paths.count_view(question, known, plant)
        counting.keep(question, answer.to_json())
