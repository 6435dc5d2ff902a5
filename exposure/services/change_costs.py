"""What a change costs here: said by an owner of either side, in place of the table."""

import math
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.logic.paths.plans.items import MOST_HOURS, Candidate
from exposure.logic.paths.plans.overrides import circle_of
from exposure.models import ChangeCost, Line, MaintenanceWindow, Site
from exposure.services.access_words import check_names_only
from exposure.services.change_offers import Offer, offers, site_of
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from tenants.services import ledger

MOST_NEEDED = 20
HUNDRED = 100.0


@dataclass(frozen=True, slots=True)
class CostText:
    """What somebody says of a change; None and "" leave it as the table has it.

    `downtime` is by the names of lines, `leaves` in percent, `needs` are changes as the
    list calls them, `only_in` ids of windows.
    """

    hours: float | None = None
    downtime: Mapping[str, float] | None = None
    leaves: float | None = None
    needs: tuple[str, ...] = ()
    only_in: tuple[uuid.UUID, ...] = ()
    cannot: str = ""
    note: str = ""


@transaction.atomic
def say_cost(change: str, text: CostText, *, by: Membership) -> ChangeCost:
    """Say what a change costs here; it replaces what was said of it before.

    Raises NotAllowed, Conflict for a change that could not be made by what is known
    now, and InvalidInput with the field for hours that are none, lines, windows and
    changes of another site, and changes that wait for each other.
    """
    _check_right(by)
    known = offers()
    if change not in known:
        raise Conflict("This change is not one of those that could be made now.")
    offer = known[change]
    place = site_of(offer)
    if place is None:
        raise Conflict("What this change is about was taken out of the plant.")
    site = Site.objects.select_for_update().get(pk=place)
    row = ChangeCost.objects.filter(change=change).first()
    before = None if row is None else _state(row)
    row = row or ChangeCost(site=site, change=change)
    _write(row, text, offer=offer.change, known=known)
    row.side, row.said_by, row.said_at = by.side, by.user, timezone.now()
    row.save()
    _note("cost.said", row, by=by, before=before, after=_state(row))
    return row


@transaction.atomic
def reset_cost(change: str, *, by: Membership) -> None:
    """Take back what was said of a change: it costs what the table says again."""
    _check_right(by)
    if not change.isprintable():
        raise ChangeCost.DoesNotExist
    row = ChangeCost.objects.select_for_update().get(change=change)
    _note("cost.reset", row, by=by, before=_state(row), after=None)
    row.delete()


def _check_right(by: Membership) -> None:
    if not may(by, Right.COST):
        raise NotAllowed("Only an owner says what a change costs.")


def _write(
    row: ChangeCost, text: CostText, *, offer: Candidate, known: Mapping[str, Offer]
) -> None:
    if text == CostText():
        raise InvalidInput("hours", "Nothing was said. Fill in one of the fields.")
    check_names_only(cannot=text.cannot, note=text.note)
    row.label = offer.label[:300]
    row.hours = _number("hours", text.hours, highest=MOST_HOURS)
    row.downtime = _downtime(row.site, text.downtime)
    leaves = _number("leaves", text.leaves, highest=HUNDRED)
    row.keep = None if leaves is None else leaves / HUNDRED
    row.needs = _needs(row, text.needs, offer=offer, known=known)
    stops = offer.downtime if row.downtime is None else row.downtime
    works = offer.hours if row.hours is None else row.hours
    row.only_in = _only_in(row.site, text.only_in, stops=stops, works=works)
    row.cannot, row.note = text.cannot[:200], text.note[:300]


def _number(field: str, value: float | None, *, highest: float) -> float | None:
    if value is not None and not 0.0 <= value <= highest:  # NaN fails every comparison
        raise InvalidInput(field, f"Choose from 0 to {highest:,.0f}.")
    return value


def _downtime(site: Site, said: Mapping[str, float] | None) -> dict[str, float] | None:
    if said is None:
        return None
    ids = dict(
        Line.objects.filter(site=site, name__in=[*said]).values_list("name", "pk")
    )
    for name, hours in said.items():
        if name not in ids:
            raise InvalidInput("downtime", f"{site} has no line called {name[:120]}.")
        if not 0.0 <= hours <= MOST_HOURS:
            raise InvalidInput(
                "downtime", f"{name}: choose from 0 to {MOST_HOURS:,.0f} hours."
            )
    return {str(ids[name]): hours for name, hours in said.items() if hours}


def _needs(
    row: ChangeCost,
    said: Iterable[str],
    *,
    offer: Candidate,
    known: Mapping[str, Offer],
) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in said if name.strip()))
    if len(names) > MOST_NEEDED:
        raise InvalidInput("needs", f"At most {MOST_NEEDED} changes.")
    needed = sorted({_named(name, row.site_id, known=known).id for name in names})
    for each in needed:
        other = known[each].change
        if each == offer.id:
            raise InvalidInput("needs", "A change does not wait for itself.")
        if offer.group and other.group == offer.group:
            raise InvalidInput(
                "needs", f"{other.label} is made instead of this change, never with it."
            )
    _check_circle(offer, needed, known=known)
    return needed


def _named(name: str, site_id: uuid.UUID, *, known: Mapping[str, Offer]) -> Candidate:
    found = [
        row
        for row in known.values()
        if name in (row.change.id, row.change.label) and site_of(row) == site_id
    ]
    if not found:
        raise InvalidInput("needs", f"No change of this plant is called {name[:120]}.")
    if len(found) > 1:
        ids = " or ".join(row.change.id for row in found[:2])
        raise InvalidInput(
            "needs", f"{len(found)} changes are called {name[:120]}. Write {ids}."
        )
    return found[0].change


def _check_circle(
    offer: Candidate, needed: list[str], *, known: Mapping[str, Offer]
) -> None:
    waits = dict(ChangeCost.objects.values_list("change", "needs"))
    circle = circle_of(offer.id, {**waits, offer.id: needed})
    if circle:
        names = [known[each].change.label if each in known else each for each in circle]
        raise InvalidInput(
            "needs", f"These wait for each other: {', then '.join(reversed(names))}."
        )


def _only_in(
    site: Site,
    said: Collection[uuid.UUID],
    *,
    stops: Mapping[str, float],
    works: float,
) -> list[str]:
    """Return the ids of the windows, which are of the kind that the change needs.

    What stops lines is made in windows of these, anything else in those of the network
    of the site, where its work takes as long as its hours.
    """
    if not said:
        return []
    windows = list(
        MaintenanceWindow.objects.select_related("line").filter(site=site, pk__in=said)
    )
    if len(windows) < len({*said}):
        raise InvalidInput("only_in", "Choose windows of this plant.")
    if not any(stops.values()):
        return _in_network(windows, works=works)
    if not all(each.line_id for each in windows):
        raise InvalidInput(
            "only_in",
            "This change stops a line, so it is made in windows of its lines.",
        )
    names = {str(pk): name for pk, name in Line.objects.values_list("pk", "name")}
    for line, hours in stops.items():
        mine = [each for each in windows if str(each.line_id) == line]
        longest = max((_hours(each) for each in mine), default=0.0)
        if longest < hours:
            raise InvalidInput(
                "only_in",
                f"{names.get(line, 'A line')} stands still for {hours:g} h; none of these "
                "windows of it is as long.",
            )
    return sorted(str(each.pk) for each in windows)


def _in_network(windows: Collection[MaintenanceWindow], *, works: float) -> list[str]:
    if any(each.line_id for each in windows):
        raise InvalidInput(
            "only_in",
            "This change stops no line, so it is made in windows of the network.",
        )
    if max(_hours(each) for each in windows) < works:
        raise InvalidInput(
            "only_in",
            f"It takes {works:g} h of work; none of these windows is as long.",
        )
    return sorted(str(each.pk) for each in windows)


def _hours(window: MaintenanceWindow) -> float:
    seconds = (window.ends_at - window.begins_at).total_seconds()
    return math.floor(seconds / 60) / 60


def _state(row: ChangeCost) -> dict[str, object]:
    return {
        "hours": row.hours,
        "downtime": row.downtime,
        "keep": row.keep,
        "needs": row.needs,
        "only_in": row.only_in,
        "cannot": row.cannot,
        "note": row.note,
        "side": row.side,
    }


def _note(
    action: str,
    row: ChangeCost,
    *,
    by: Membership,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
) -> None:
    words = (
        "Said what it costs here" if after else "Took back what was said of its cost"
    )
    ledger.append(
        action,
        about=row.label[:80],
        by=by,
        text=f"{words}: {row.label}.",
        change=ledger.Change(before=before, after=after),
        site_id=row.site_id,
    )
