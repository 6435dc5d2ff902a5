"""A device that does not answer as before: everything stops, and people are told."""

from django.db import transaction
from django.utils import timezone

from exposure.logic.run_states import LIVE
from exposure.models import Run, RunState
from exposure.probes.base import ProbeResult
from exposure.services.runs import end_run, log_line
from tenants.services import ledger

# The name that the ledger and the event share; people are told of it, see
# `config.schedule.TOLD`.
DEVICE_CHANGED = "discovery.device_changed"
ELSEWHERE = "a device of another site"


@transaction.atomic
def device_changed(run: Run, result: ProbeResult, text: str) -> None:
    """Stop every run of this customer and write down what was asked and what differs.

    `result` is the second answer and `text` says in words how it differs. `run` is the
    run in which it happened; for a re-test, the last one that saw the service.
    """
    target = result.target
    where = f"{target.address} port {target.port}"
    log_line(run, f"health changed: {text}", target=target.address)
    ledger.append(
        DEVICE_CHANGED,
        about=f"run {run.number}",
        by=None,
        text=f"A device does not answer as it did before it was asked. At {where}, {text}"
        " Every run of this customer was stopped.",
        change=ledger.Change(
            after={
                "address": target.address,
                "port": target.port,
                "transport": target.transport,
                "asked": f"{result.probe}/{result.version}",
                "answer": result.outcome.value,
                "differs": text,
            }
        ),
        site_id=run.site_id,
    )
    _stop_all(run, target.address)


def _stop_all(because_of: Run, address: str) -> None:
    rows = Run.objects.select_for_update().filter(
        state__in=LIVE, stop_requested_at__isnull=True
    )
    for row in rows:
        row.stop_requested_at = timezone.now()
        row.save(update_fields=["stop_requested_at"])
        # Who reads about this run need not read about another site's devices.
        name = address if row.site_id == because_of.site_id else ELSEWHERE
        log_line(row, f"Stopped: {name} does not answer as it did before it was asked.")
        if row.state == RunState.QUEUED:
            end_run(row, RunState.STOPPED)
