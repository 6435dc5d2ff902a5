"""Sends changes of a plan for sign-off: a proposal for each exposure behind them."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction

from common.errors import Conflict, DomainError, InvalidInput, NotAllowed
from exposure.logic.paths.plans.answer import ChangeRow
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.logic.paths.plans.items import minutes_needed
from exposure.models import Finding, Line, Plan
from exposure.services import plans
from exposure.services.hours import zone_of
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from tenants.services import ledger
from workflows.logic.treatments import COMPENSATE, Figures, Stop, in_words
from workflows.models import Case, Decision
from workflows.services.decisions import Origin, ProposalContent, propose
from workflows.services.plan_desk import (
    Behind,
    Planned,
    Standing,
    desk_of,
    made_by,
    read_plan,
    sha256_of,
    window_of,
)

MOST_SENT = 60
"""So many proposals go out at once; each of them is read and signed by people."""

ELSEWHERE = "A line of another plant"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a person says of one change; what the plan says is added.

    `seen` are the exposures and versions that the page showed, see `Behind.seen`.
    """

    action: str
    technical_basis: str
    safety_effect: str
    lost_meanwhile: str
    undo: str
    expires_at: dt.datetime | None
    seen: Sequence[str]


class NotSent(DomainError):
    """Nothing was sent: a change could not be proposed. `field` "" is all of it."""

    def __init__(self, change_id: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.args = (change_id, message)
        self.change_id, self.field = change_id, field


@transaction.atomic
def send(
    plan_id: uuid.UUID, *, by: Membership, chosen: Mapping[str, Wording]
) -> list[Decision]:
    """Propose each chosen change for the exposures behind it, all of them or none.

    `chosen` maps ids of changes to their words. Returns the decisions that were made:
    what was sent before, by the same click twice or by somebody else, is not sent
    again. Raises Plan.DoesNotExist, NotAllowed without the right or the sight of all
    plants, and NotSent naming the change that stopped it.
    """
    if not may(by, Right.PROPOSE):
        raise NotAllowed("Your role may not propose a treatment.")
    if not plans.may_see():
        raise NotAllowed("A plan weighs all plants, and your access covers some.")
    row = read_plan(plan_id, lock=True)  # who clicks twice waits here
    answer = plans.answer_of(row)
    if answer is None:
        raise Conflict("This plan is not ready.")
    if not chosen:
        raise InvalidInput("", "Tick the changes to send.")
    desk = {each.change.id: each for each in desk_of(made_by(answer))}
    for change_id in chosen:
        if change_id not in desk:
            raise NotSent(change_id, "A change that was ticked is not in this plan.")
    asked = [each for key, each in desk.items() if key in chosen]
    sender = _Sender(row, answer, by=by)
    sender.lock(asked)
    made = [
        decision
        for each in asked
        for decision in sender.propose(each, chosen[each.change.id])
    ]
    if made:
        _record(row, made, by=by)
    return made


def figures_of(row: Plan, answer: Answer, change: ChangeRow) -> Figures:
    """Return what a plan says of one of its changes."""
    places = {each.id: each.place for each in answer.changes}
    return Figures(
        plan=row.number,
        revision=row.revision.number,
        sha256=sha256_of(row),
        place=change.place,
        changes=len(made_by(answer)),
        removes=change.removes,
        together=sorted(places[each] for each in change.works_with if each in places),
        assumed=change.assumed,
    )


def lines_of(changes: Sequence[ChangeRow]) -> dict[str, Line]:
    """Return the lines that stand still for some changes, by id."""
    ids = {stop.line_id for row in changes for stop in row.stops}
    rows = Line.objects.filter(pk__in=ids).select_related("site")
    return {str(row.pk): row for row in rows}


def stops_of(
    change: ChangeRow, lines: Mapping[str, Line], *, site_id: uuid.UUID | None = None
) -> list[Stop]:
    """Return which lines stand still; with a site, those of others go unnamed."""
    return [
        Stop(
            line=_name(lines.get(stop.line_id), site_id),
            hours=stop.hours,
            window=_when(stop.starts, lines.get(stop.line_id)),
        )
        for stop in change.stops
    ]


class _Sender:
    """One sending: what is the same for all of its changes."""

    def __init__(self, row: Plan, answer: Answer, *, by: Membership) -> None:
        self.row, self.answer, self.by = row, answer, by
        self.lines = lines_of(made_by(answer))
        self.left = MOST_SENT

    def lock(self, asked: Sequence[Planned]) -> None:
        """Lock all findings and cases in one order, as everybody does who takes several.

        So neither two sendings nor a sending and a new count wait for each other.
        """
        found = {each.finding.pk for row in asked for each in row.behind}
        findings = Finding.objects.select_for_update().filter(pk__in=found)
        list(findings.order_by("number").values_list("pk", flat=True))
        pks = [each.case.pk for row in asked for each in row.behind if each.case]
        rows = Case.objects.select_for_update().filter(pk__in=pks)
        list(rows.order_by("pk").values_list("pk", flat=True))

    def propose(self, planned: Planned, words: Wording) -> list[Decision]:
        """Propose one change for each exposure behind it that waits for it."""
        change = planned.change
        self._check(planned, words)
        made = []
        for each in planned.ready:
            self.left -= 1
            if self.left < 0:
                raise NotSent(change.id, f"At most {MOST_SENT} proposals at once.")
            made.append(self._propose(planned, each, words))
        return made

    def _propose(self, planned: Planned, each: Behind, words: Wording) -> Decision:
        change, ref = planned.change, each.finding.ref
        try:
            return propose(
                ref,
                by=self.by,
                content=self._content(planned, each, words),
                origin=Origin(self.row, change.id),
            )
        except InvalidInput as error:
            message = _named(change, f"{ref}: {error}")
            raise NotSent(change.id, message, field=error.field) from error
        except DomainError as error:
            raise NotSent(change.id, _named(change, f"{ref}: {error}")) from error

    def _check(self, planned: Planned, words: Wording) -> None:
        """Raise NotSent unless what the reader saw is what is there, or was sent."""
        change = planned.change
        if planned.hurdle:
            raise NotSent(change.id, _named(change, planned.hurdle))
        for each in planned.ready:
            if each.seen not in words.seen:
                changed = f"{each.finding.ref} has changed since you opened the page."
                raise NotSent(change.id, _named(change, f"{changed} Look again."))
        here = {Standing.SENT, Standing.AGREED, Standing.CLAIMED}
        if not planned.ready and not any(e.standing in here for e in planned.behind):
            message = "No exposure behind it can be proposed for now."
            raise NotSent(change.id, _named(change, message))

    def _content(
        self, planned: Planned, each: Behind, words: Wording
    ) -> ProposalContent:
        change, treatment = planned.change, planned.treatment
        said = in_words(
            figures_of(self.row, self.answer, change),
            stops=stops_of(change, self.lines, site_id=each.finding.asset.site_id),
            way_to=each.finding.ref if each.by_way else "",
        )
        expires = words.expires_at if treatment.kind == COMPENSATE else None
        return ProposalContent(
            kind=treatment.kind,
            action=words.action,
            technical_basis=f"{words.technical_basis.strip()}\n{said}",
            safety_effect=words.safety_effect,
            downtime_minutes=minutes_needed(change.downtime),
            lost_meanwhile=words.lost_meanwhile,
            undo=words.undo,
            window_start=window_of(change),
            expires_at=expires,
        )


def _record(row: Plan, made: Sequence[Decision], *, by: Membership) -> None:
    changes = len({each.plan_change for each in made})
    many, proposals = "s" * (changes != 1), "s" * (len(made) != 1)
    ledger.append(
        "plan.sent",
        by=by,
        about=f"plan {row.number}",
        text=f"Sent {changes} change{many} of plan {row.number} for sign-off, as "
        f"{len(made)} proposal{proposals}.",
        change=ledger.Change(
            after={
                "plan_sha256": sha256_of(row),
                "revision": row.revision.number,
                "decisions": [str(each.pk) for each in made],
            }
        ),
    )


def _named(change: ChangeRow, message: str) -> str:
    return f"Change {change.place}, {change.label}: {message}"


def _name(line: Line | None, site_id: uuid.UUID | None) -> str:
    if line is None:
        return "A line that is not there any more"
    return line.name if site_id in (None, line.site_id) else ELSEWHERE


def _when(starts: str, line: Line | None) -> str:
    if not starts:
        return ""
    zone = zone_of(line.site) if line else "UTC"
    local = dt.datetime.fromisoformat(starts).astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M} ({zone})"
