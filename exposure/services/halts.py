"""Which stop orders stand, and what a stopped run says about how fast it obeyed."""

import datetime as dt
import ipaddress
import uuid
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from exposure.logic.scope_text import Network
from exposure.models import Run, StopEffect, StopLevel, StopOrder
from exposure.probes.text import harmless


@dataclass(frozen=True, slots=True)
class Standing:
    """What the standing orders stop of one plant: all, with the reason, or some ranges."""

    reason: str = ""
    networks: tuple[Network, ...] = ()


def standing() -> QuerySet[StopOrder]:
    """Return the orders that stand, oldest first."""
    rows = StopOrder.objects.select_related("site", "by")
    return rows.filter(lifted_at=None).order_by("at", "id")


def standing_for(site_id: uuid.UUID) -> Standing:
    """Return what the standing orders stop of one plant."""
    rows = StopOrder.objects.filter(lifted_at=None).order_by("at", "id")
    here = list(rows.filter(Q(site_id=None) | Q(site_id=site_id)))
    whole = next((row for row in here if row.level != StopLevel.RANGE), None)
    return Standing(
        reason=_why(whole) if whole else "",
        networks=tuple(
            ipaddress.ip_network(row.network)
            for row in here
            if row.level == StopLevel.RANGE
        ),
    )


def stops(address: str, site_id: uuid.UUID) -> bool:
    """Whether a standing order keeps everybody from an address of a plant."""
    orders, literal = standing_for(site_id), ipaddress.ip_address(address)
    return bool(orders.reason) or any(literal in each for each in orders.networks)


def note_stop(
    run: Run, *, last_sent_at: dt.datetime | None, closed_at: dt.datetime
) -> None:
    """Write down how fast a run obeyed; only what was asked to stop, and only once.

    `last_sent_at` is when its last connection was opened, None for none at all;
    `closed_at` is when its last socket was closed for certain.
    """
    if run.stop_requested_at is None:
        return
    effect, is_new = StopEffect.objects.get_or_create(
        run=run,
        defaults={
            "asked_at": run.stop_requested_at,
            "last_sent_at": last_sent_at,
            "closed_at": max(closed_at, run.stop_requested_at),
        },
    )
    if is_new:
        run.events.create(at=timezone.now(), text=harmless(in_words(effect), limit=300))


def in_words(effect: StopEffect) -> str:
    """Return the three times of a stop, to the thousandth of a second."""
    last = _clock(effect.last_sent_at) if effect.last_sent_at else "none"
    return (
        f"Stop: asked {_clock(effect.asked_at)}, last connection opened {last}, "
        f"all closed {_clock(effect.closed_at)}."
    )


def _why(order: StopOrder) -> str:
    what = "Everything" if order.level == StopLevel.WORKSPACE else "This plant"
    at = timezone.localtime(order.at)
    said = f": {order.reason.rstrip('.')}" if order.reason else ""
    return f"{what} has been stopped since {at:%-d %B %Y, %H:%M}{said}."


def _clock(moment: dt.datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M:%S.%f}"[:-3]
