"""Answers that take too long for a page: a job counts them, pages find them in the cache.

The cache may lose one at any time: then it is asked for again. A key holds the
workspace, the revision, what the reader may see and how it is counted, and a revision
never changes, so nothing is ever out of date.
"""

import datetime as dt
import uuid
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models.functions import Length
from django.utils import timezone

from common.canonical import canonical_sha256
from common.errors import DomainError
from exposure.logic.paths.sight import Sight
from exposure.models import PathRevision
from tenants.scope import current_workspace_id, site_limit
from tenants.services.jobs import enqueue

TASK = "exposure.count_paths"
KEPT = dt.timedelta(hours=12)
DEADLINE = dt.timedelta(minutes=10)
"""So long somebody waits; a job that begins later finds nobody, and does nothing."""

REFUSED = dt.timedelta(minutes=10)
MOST_BYTES = 32 << 20
"""An answer of one plant in the cache, compressed; that of 5 000 assets has 400 kB."""

NO_SITE = uuid.UUID(int=0)
TOO_BIG = "The answer for this plant is too big to be kept for a page."
GIVEN_UP = (
    "The figures could not be counted. In ten minutes they can be asked for again."
)


class BeingCounted(DomainError):
    """The answer is not there yet; a job counts it."""


class NotCounted(DomainError):
    """The answer could not be counted; the message says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a revision: for whom, counted how, and once which asset is taken."""

    revision_id: uuid.UUID
    sight: Sight | None = None
    counted: str = ""
    asset_id: str = ""

    @property
    def name(self) -> str:
        """What tells it apart from other questions of the workspace."""
        ids = sorted(self.sight.ids) if self.sight else None
        asked = canonical_sha256([ids, self.counted, self.asset_id])
        return f"{self.revision_id}:{asked}"


def is_small(revision_id: uuid.UUID, *, most: int) -> bool:
    """Whether the plant of a revision has at most so many bytes, as it is stored."""
    row = PathRevision.objects.filter(pk=revision_id)
    size: int = row.values_list(Length("snapshot"), flat=True).get()
    return size <= most


def answer_to(question: Question) -> bytes:
    """Return what a job has counted.

    Raises `BeingCounted` when there is nothing yet, and sees to it that a job is at it;
    `NotCounted` when none can.
    """
    name = question.name
    if (found := _find(name)) is not None:
        return found
    if not cache.get(_key(name, "asked")):
        _ask(question, name)
    raise BeingCounted("The figures are being counted. Look again in a few seconds.")


def is_answered(question: Question) -> bool:
    """Whether there is an answer, or nobody can give one."""
    try:
        return _find(question.name) is not None
    except NotCounted:
        return True


def keep(question: Question, answer: bytes) -> None:
    """Keep an answer for the pages that wait for it."""
    body = zlib.compress(answer, 1)
    if len(body) > MOST_BYTES:
        refuse(question, TOO_BIG)
    else:
        _keep(question, {"answer": body}, KEPT)


def refuse(question: Question, why: str) -> None:
    """Tell the pages that wait why there is no answer; they may ask again later."""
    _keep(question, {"refused": why}, REFUSED)


def sites_of(args: Collection[str] | None) -> list[uuid.UUID]:
    """Return what to open a site scope with, from the arguments of a job.

    No site at all is not the same as no limit.
    """
    if args is None:
        return []
    return [uuid.UUID(each) for each in args] or [NO_SITE]


def _keep(question: Question, values: dict[str, Any], time: dt.timedelta) -> None:
    name = question.name
    row = {"workspace": str(current_workspace_id()), **values}
    cache.set(_key(name), row, time.total_seconds())
    cache.delete(_key(name, "asked"))


def _find(name: str) -> bytes | None:
    row = cache.get(_key(name))
    # The key says so already; whoever can write to the cache still moves nothing across.
    if row is None or row["workspace"] != str(current_workspace_id()):
        return None
    if "refused" in row:
        raise NotCounted(row["refused"])
    return zlib.decompress(row["answer"])


def _key(name: str, what: str = "answer") -> str:
    return f"paths:{current_workspace_id()}:{name}:{what}"


def _ask(question: Question, name: str) -> None:
    """Enqueue a job, once for all who wait; a rolled back request asks for nothing."""
    sites = site_limit()
    enqueue(
        TASK,
        args={
            "revision": str(question.revision_id),
            "sites": None if sites is None else sorted(map(str, sites)),
            "counted": question.counted,
            "asset": question.asset_id,
            "until": (timezone.now() + DEADLINE).isoformat(),
        },
        key=name,
    )
    key, seconds = _key(name, "asked"), DEADLINE.total_seconds()
    transaction.on_commit(lambda: cache.set(key, "yes", seconds))
