"""Services that did not answer where a run looked: gone, or only silent."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from exposure.models import (
    ProbeRecord,
    Run,
    RunTarget,
    Service,
    ServiceState,
    TargetState,
    Transport,
)
from exposure.probes.base import Outcome
from exposure.services import drift
from exposure.services.runs import log_line

SILENT_RUNS = 2


def mark_gone(run: Run) -> None:
    """Mark services that did not answer where the run looked; findings stay open.

    A port that was excluded meanwhile was not looked at, so nothing is said about it.
    Over UDP one lost datagram looks like a closed port. Such a service is gone only
    after its host refused the port, or after two runs in a row without a word.
    """
    looked_at = ProbeRecord.objects.filter(
        run=run,
        vantage=OuterRef("vantage"),
        address=OuterRef("address"),
        port=OuterRef("port"),
        transport=OuterRef("transport"),
    )
    refused = looked_at.filter(result=Outcome.REFUSED.value)
    for target in run.targets.filter(state=TargetState.DONE):
        unseen = (
            Service.objects.filter(
                Exists(looked_at), vantage_id=target.vantage_id, address=target.address
            )
            .annotate(was_refused=Exists(refused))
            .exclude(last_run=run)
            .exclude(state=ServiceState.GONE)
        )
        for service in unseen:
            _mark(run, target, service)


def _mark(run: Run, target: RunTarget, service: Service) -> None:
    name = f"{service.protocol} {service.port_name}"
    silent = service.transport == Transport.UDP and not vars(service)["was_refused"]
    service.silent_runs += silent
    if silent and service.silent_runs < SILENT_RUNS:
        service.save(update_fields=["silent_runs"])
        log_line(
            run,
            f"{name} did not answer; it counts as gone if the next run hears nothing",
            target=target.address,
        )
        return
    service.state = ServiceState.GONE
    service.save(update_fields=["state", "silent_runs"])
    drift.note_gone(service, run, at=timezone.now())
    log_line(run, f"{name} is gone", target=target.address)
