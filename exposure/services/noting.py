"""What a visit says about a host beside its answers: written down, and acted on."""

from django.db.models import Case, F, IntegerField, QuerySet, Sum, When

from exposure.logic.ot_smell import CAREFUL_KINDS
from exposure.models import (
    Endpoint,
    ProbeRecord,
    Run,
    RunTarget,
    Service,
    TargetState,
    Transport,
)
from exposure.probes.budget import Spent
from exposure.probes.hosts import Note, NoteKind
from exposure.services import findings, health
from exposure.services.runs import log_line

CONNECT = "connect"  # the sweep's own connections; they are no part of the budget
UNANSWERED = ("silent", "refused")


def take_note(target: RunTarget, run: Run, note: Note) -> None:
    """Write one note down on the target and in the log, and do what it asks for."""
    if note.kind is NoteKind.DONE:
        target.state = TargetState.DONE
        target.save(update_fields=["state"])
        if not target.doubt:
            _seen(target).exclude(doubt="").update(doubt="")
    elif note.kind is NoteKind.CHANGED and note.result is not None:
        health.device_changed(run, note.result, note.text)
    else:
        _mark(target, note)
        is_routine = note.kind is NoteKind.CONTROLLER
        log_line(run, note.text, target=target.address, notable=not is_routine)


def _mark(target: RunTarget, note: Note) -> None:
    column = {
        NoteKind.CONTROLLER: "careful_because",
        NoteKind.LEFT_ALONE: "left_because",
        NoteKind.DECEPTION: "doubt",
    }[note.kind]
    setattr(target, column, note.text[:300])
    target.save(update_fields=[column])
    if note.kind is NoteKind.DECEPTION:
        for service in _seen(target).select_for_update():
            findings.doubt(service, target.doubt)


def _seen(target: RunTarget) -> QuerySet[Service]:
    return Service.objects.filter(vantage_id=target.vantage_id, address=target.address)


def kinds_of(addresses: list[str]) -> dict[str, str]:
    """Return what the inventory calls the device at each address that it knows.

    Where several share an address, the one that needs the most care counts.
    """
    rows = Endpoint.objects.filter(address__in=addresses)
    known = list(rows.values_list("address", "asset__kind"))
    careful = {address: kind for address, kind in known if kind in CAREFUL_KINDS}
    return dict(known) | careful


def spent_in(run: Run, addresses: list[str]) -> dict[str, Spent]:
    """Return what each address has borne in this run, beside the sweep's connects.

    A question over UDP counts once if it was answered. One that was not is like a
    connect of the sweep: it only asks whether anybody is there.
    """
    over_udp = When(transport=Transport.UDP, then=1)
    borne = Case(over_udp, default=F("connections"), output_field=IntegerField())
    rows = (
        ProbeRecord.objects.filter(run=run, address__in=addresses)
        .exclude(probe=CONNECT)
        .exclude(transport=Transport.UDP, result__in=UNANSWERED)
        .values_list("address")
        .annotate(count=Sum(borne), size=Sum(F("bytes_out") + F("bytes_in")))
    )
    return {address: Spent(count, size) for address, count, size in rows}
