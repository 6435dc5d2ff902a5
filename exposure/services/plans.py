"""Plans: asked for by people; `planning` works them out, point by point."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput
from exposure.logic.paths.plans.answer import Plan as Answer
from exposure.logic.paths.plans.items import MOST_HOURS
from exposure.models import Line, PathRevision, Plan, PlanState
from exposure.services import maintenance, paths
from tenants.models import Membership, next_number
from tenants.models.jobs import Job, JobState
from tenants.scope import site_limit
from tenants.services import ledger
from tenants.services.jobs import enqueue

AT_WORK = (PlanState.QUEUED, PlanState.WORKING)
MOST_NAMED = 500
TASK = "exposure.plan"
LEFT = "Nothing works on it any more. Make the plan again."


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody allows: hours of work and of downtime (None: any), and changes.

    `lines` are ids of lines with the hours of downtime that each may take at most; a line
    that is not named has no limit of its own.
    `windows`: lines stand still in their maintenance windows only. `fixed` and
    `forbidden` are ids of changes. `chosen`: somebody ticked exactly these, and no other
    set is looked for; None: the planner chooses. `site`: the id of the only site whose
    lines count, "" for all of them; `site_name` is what it was called when asked.
    """

    hours: float | None = None
    downtime: float | None = None
    windows: bool = False
    fixed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    chosen: tuple[str, ...] | None = None
    site: str = ""
    site_name: str = ""
    lines: tuple[tuple[str, float], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Wish":
        """Return what `as_json` was."""
        chosen = stored.get("chosen")
        return cls(
            hours=stored["hours"],
            downtime=stored["downtime"],
            windows=stored["windows"],
            fixed=tuple(stored["fixed"]),
            forbidden=tuple(stored["forbidden"]),
            chosen=None if chosen is None else tuple(chosen),
            site=stored.get("site", ""),
            site_name=stored.get("site_name", ""),
            lines=tuple((line, hours) for line, hours in stored.get("lines", ())),
        )


def may_see() -> bool:
    """Whether the reader may see plans: they weigh the lines of all sites at once."""
    return site_limit() is None


@transaction.atomic
def ask_plan(wish: Wish, *, by: Membership) -> Plan:
    """Let a plan be made on the newest revision.

    Raises Conflict while another one is being made or before paths were computed, and
    InvalidInput with the field for hours that are none or a change that is not there.
    """
    revision = paths.newest_revision()
    if revision is None:
        raise Conflict("No attack path is computed yet, so there is nothing to plan.")
    return _asked(wish, revision, by=by)


@transaction.atomic
def keep_set(
    plan_id: uuid.UUID, change_ids: Collection[str], *, by: Membership
) -> Plan:
    """Make a plan of exactly these changes, on the revision of the plan beside which
    they were ticked and with its word on windows.

    Raises Conflict while another one is being made, and InvalidInput as `ask_plan`.
    """
    beside = Plan.objects.select_related("revision").get(pk=plan_id)
    as_it = Wish.of(beside.wish)
    wish = Wish(
        windows=as_it.windows, chosen=tuple(sorted(change_ids)), site=as_it.site
    )
    return _asked(wish, beside.revision, by=by)


def _asked(wish: Wish, revision: PathRevision, *, by: Membership) -> Plan:
    number = next_number("plans")  # who clicks twice waits here
    if Plan.objects.filter(state__in=AT_WORK).exists():
        raise Conflict("A plan is being made already. Wait for it, or stop it.")
    _check(wish)
    names = _check_lines(wish)
    wish = replace(wish, site_name=_site_name(wish))
    row = Plan.objects.create(
        number=number,
        revision=revision,
        made_by=by.user,
        wish=wish.as_json(),
    )
    enqueue(TASK, args={"plan_id": str(row.pk)}, key=str(row.pk))
    ledger.append(
        "plan.asked",
        by=by,
        about=f"plan {row.number}",
        text=_words(wish, names),
        site_id=uuid.UUID(wish.site) if wish.site else None,  # its name is in the words
    )
    return row


@transaction.atomic
def stop_plan(plan_id: uuid.UUID, *, by: Membership) -> None:
    """End the work on a plan; it keeps the best that was found by then.

    One that no job works on, as in a workspace that came from another installation, has
    failed.
    """
    row = Plan.objects.select_for_update().get(pk=plan_id)
    if row.state not in AT_WORK:
        return
    jobs = Job.objects.filter(task=TASK, args__plan_id=str(plan_id))
    if not jobs.filter(state__lt=JobState.DONE).exists():
        row.state, row.error, row.finished_at = PlanState.FAILED, LEFT, timezone.now()
    elif row.stop_requested_at:
        return
    row.stop_requested_at = timezone.now()
    row.save()
    text = f"Stopped the work on plan {row.number}."
    ledger.append("plan.stopped", by=by, about=f"plan {row.number}", text=text)


def answer_of(row: Plan) -> Answer | None:
    """Return what came of a plan; None while it is not ready."""
    return None if row.result is None else Answer.from_json(bytes(row.result))


def _site_name(wish: Wish) -> str:
    if not wish.site:
        return ""
    line = Line.objects.filter(site_id=wish.site).select_related("site").first()
    if line is None:
        raise InvalidInput("site", "There is no production line at this site.")
    return line.site.name


def _check(wish: Wish) -> None:
    for name in ("hours", "downtime"):
        value = getattr(wish, name)
        if value is not None and not 0.0 <= value <= MOST_HOURS:
            raise InvalidInput(name, f"Choose from 0 to {MOST_HOURS:,.0f} hours.")
    if not all(each.isprintable() for each in (*wish.fixed, *wish.forbidden)):
        raise InvalidInput("fixed", "There is no change with such a name.")
    if len(wish.fixed) + len(wish.forbidden) > MOST_NAMED:
        raise InvalidInput("fixed", f"Name {MOST_NAMED} changes at most.")
    if set(wish.fixed) & set(wish.forbidden):
        raise InvalidInput("fixed", "A change must be made and must not be made.")
    if wish.chosen is not None and not 1 <= len(wish.chosen) <= MOST_NAMED:
        raise InvalidInput("chosen", f"Tick from 1 to {MOST_NAMED} changes.")
    if wish.windows and not maintenance.windows_to_come():
        raise InvalidInput("windows", "No maintenance window is known. Add one first.")


def _check_lines(wish: Wish) -> dict[str, str]:
    """Return the names of the lines that have a limit of their own, by id."""
    names = line_names()
    for line, hours in wish.lines:
        if line not in names:
            raise InvalidInput("downtime", "There is no such production line.")
        if not 0.0 <= hours <= MOST_HOURS:  # NaN fails every comparison
            raise InvalidInput(
                "downtime", f"{names[line]}: choose from 0 to {MOST_HOURS:,.0f} hours."
            )
    return {line: names[line] for line, _ in wish.lines}


def line_names() -> dict[str, str]:
    """Return what the lines that the reader sees are called, by id, in that order."""
    rows = Line.objects.order_by("site__name", "name", "pk").values_list("pk", "name")
    return {str(pk): name for pk, name in rows}


def _words(wish: Wish, names: Mapping[str, str]) -> str:
    if wish.chosen is not None:
        where = " in maintenance windows only" * wish.windows
        return f"Kept {len(wish.chosen)} changes, chosen by hand, as a plan{where}."
    hours = "any" if wish.hours is None else f"{wish.hours:g}"
    stands = "any" if wish.downtime is None else f"{wish.downtime:g}"
    where = ", in maintenance windows only" if wish.windows else ""
    rows = [f"{hours:g} h on {names[line]}" for line, hours in wish.lines]
    each = f", at most {', '.join(rows)}" if rows else ""
    about = f" for {wish.site_name}" if wish.site else ""
    return (
        f"Asked for a plan{about} with {hours} hours of work and {stands} hours of downtime"
        f"{each}{where}; {len(wish.fixed)} changes fixed, {len(wish.forbidden)} forbidden."
    )
