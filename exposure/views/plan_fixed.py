"""The changes that come along from the page What if, as the planner knows them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from exposure.logic.paths.plans.costs import ChangeKind
from exposure.logic.paths.plans.items import Candidate
from exposure.logic.paths.results import ChangeValue
from exposure.services import paths as answers
from exposure.services.change_offers import offers
from exposure.services.plans import may_see
from exposure.views.change_rows import token_of
from exposure.views.links import link
from tenants.access import MemberRequest, may
from tenants.rights import Right

MOST_FIXED, MOST_CARRIED = 200, 150

# What ends a thing as What if ends it comes first; then what lowers it.
KINDS = (
    ChangeKind.CLOSE,
    ChangeKind.PATCH,
    ChangeKind.SEGMENT,
    ChangeKind.VENDOR,
    ChangeKind.MFA,
    ChangeKind.CONTROL,
)


@dataclass(frozen=True, slots=True)
class FixedRow:
    """One ticked change; `id` is that of the planner, "" when it has none like it.

    `token` is that of What if; `label` is how the planner calls it. `is_weaker`: it
    lowers what was ended.
    """

    id: str
    token: str
    label: str
    is_weaker: bool


def planner_link(request: MemberRequest, tokens: Collection[str] = ()) -> str:
    """Return where the reader plans, with these ticked changes; "" for who may not.

    Also "" for more than 150 changes, which no address has room for.
    """
    is_planner = may(request.membership, Right.PLAN) and may_see()
    if not is_planner or len(tokens) > MOST_CARRIED:
        return ""
    url = link(request, "exposure:plans")
    query = urlencode([("off", each) for each in tokens])
    return f"{url}?{query}#limits" if query else f"{url}#limits"


def fixed_rows(tokens: Collection[str]) -> list[FixedRow]:
    """Return the ticked changes of What if, as far as the newest answer knows them."""
    wanted = frozenset(list(tokens)[:MOST_FIXED])
    answer = answers.latest() if wanted else None
    if answer is None:
        return []
    ticked = [row for row in answer.analysis.changes if token_of(row) in wanted]
    known = [offer.change for offer in offers().values()] if ticked else []
    return list(_rows(ticked, known))


def _rows(
    ticked: Collection[ChangeValue], known: Collection[Candidate]
) -> Iterator[FixedRow]:
    by_subject: dict[tuple[str, str], list[Candidate]] = {}
    for row in known:
        by_subject.setdefault((row.subject_kind, row.subject_id), []).append(row)
    for change in ticked:
        like = by_subject.get((change.kind, change.subject_id), [])
        if not like:
            yield FixedRow("", token_of(change), change.label, is_weaker=False)
            continue
        best = min(like, key=lambda row: KINDS.index(row.kind))
        weaker = any(keep > 0 for keep in best.edit.keep.values())
        yield FixedRow(best.id, token_of(change), best.label, is_weaker=weaker)
