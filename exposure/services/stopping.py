"""The stop button: people of both houses press it, and it needs no broker."""

import ipaddress
import uuid

from django.db import transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.logic.run_states import LIVE
from exposure.logic.scope_text import Network, overlap
from exposure.models import Run, Site, StopLevel, StopOrder
from exposure.services.entries import read_entry
from exposure.services.runs import request_stop
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right
from tenants.services import ledger

MOST_REASON = 200


@transaction.atomic
def order_stop(
    *,
    by: Membership,
    level: str,
    site_id: uuid.UUID | None = None,
    network: str = "",
    reason: str = "",
) -> StopOrder:
    """Stop everything, one plant, or one address or range, from now on.

    Runs that could touch it are stopped; none starts and no connection is opened there
    until the order is lifted. A run reads the order from the database, five times a
    second. Raises NotAllowed and InvalidInput with the reason in words.
    """
    if not may(by, Right.STOP):
        raise NotAllowed("Your role may not stop runs.")
    level = StopLevel(level)
    stopped = _network(network) if level == StopLevel.RANGE else None
    site = _site(level, site_id, by=by)
    order = StopOrder.objects.create(
        level=level,
        site=site,
        network=str(stopped or ""),
        reason=reason[:MOST_REASON],
        at=timezone.now(),
        by=by.user,
        by_customer=not by.is_provider,
    )
    _record("scope.stop_ordered", order, by=by, text=f"Stopped {_what(order)}.")
    for run in _runs_of(order, stopped):
        request_stop(run.pk, by=by.user)
    return order


@transaction.atomic
def lift_stop(order_id: uuid.UUID, *, by: Membership) -> StopOrder:
    """Let runs start again. What the customer stopped, only the customer lifts.

    Raises NotAllowed, and Conflict when somebody lifted it meanwhile.
    """
    order = StopOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
    if not may_lift(order, by=by):
        raise NotAllowed(
            "What the customer stopped, only its owners and approvers lift."
        )
    if order.lifted_at is not None:
        raise Conflict("This stop was lifted already.")
    order.lifted_at, order.lifted_by = timezone.now(), by.user
    order.save(update_fields=["lifted_at", "lifted_by"])
    _record(
        "scope.stop_lifted", order, by=by, text=f"Lifted the stop of {_what(order)}."
    )
    return order


def may_lift(order: StopOrder, *, by: Membership) -> bool:
    """Whether this person may lift the order; those of some sites lift those sites'."""
    if by.site_ids and (order.site_id is None or not by.covers(order.site_id)):
        return False
    if may(by, Right.AUTHORISE):
        return True
    return not order.by_customer and may(by, Right.OPERATE)


def _site(
    level: StopLevel, site_id: uuid.UUID | None, *, by: Membership
) -> Site | None:
    if level == StopLevel.WORKSPACE or (level == StopLevel.RANGE and site_id is None):
        if by.site_ids:
            raise InvalidInput(
                "site", "You answer for some plants. Choose one of them."
            )
        return None
    site = Site.objects.filter(pk=site_id).first() if site_id else None
    if site is None or not by.covers(site.pk):
        raise InvalidInput("site", "Choose a plant.")
    return site


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise InvalidInput(
            "network", "Type an address or a range, such as 203.0.113.0/28."
        ) from error


def _runs_of(order: StopOrder, stopped: Network | None) -> list[Run]:
    """Return the live runs that could touch what is stopped."""
    rows = Run.objects.filter(state__in=LIVE).order_by("pk")
    if order.site_id is not None:
        rows = rows.filter(site_id=order.site_id)
    if stopped is None:
        return list(rows)
    return [run for run in rows if _could_touch(run, stopped)]


def _could_touch(run: Run, stopped: Network) -> bool:
    """Whether the scope has a range that overlaps; a name may point anywhere."""
    parsed = (read_entry(each.value) for each in run.authorisation.entries.all())
    return any(
        each.network is None or overlap(each.network, stopped)
        for each in parsed
        if each is not None
    )


def _what(order: StopOrder) -> str:
    if order.level == StopLevel.WORKSPACE:
        return "everything"
    where = f"at {order.site}" if order.site else "at every plant"
    return f"{order.network} {where}" if order.network else str(order.site)


def _record(action: str, order: StopOrder, *, by: Membership, text: str) -> None:
    change = {
        "level": str(order.level),
        "network": order.network,
        "reason": order.reason,
        "lifted": order.lifted_at is not None,
    }
    ledger.append(
        action,
        about=f"stop {order.pk}",
        by=by,
        text=text,
        change=ledger.Change(after=change),
        site_id=order.site_id,
    )
