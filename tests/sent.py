"""Writes the probe ledger of tests."""

import datetime as dt
from typing import Any

from django.utils import timezone

from exposure.models import Run, Vantage
from exposure.services import probe_ledger
from exposure.services.probe_ledger import Kind, Sent


def make_record(
    run: Run | None,
    vantage: Vantage,
    *ports: int,
    address: str = "127.77.1.14",
    at: dt.datetime | None = None,
    **kind: Any,
) -> None:
    """Write down that something was sent to these ports, one after the other."""
    told = Kind(
        **{
            "transport": "tcp",
            "probe": "s7",
            "probe_version": 1,
            "result": "identified",
            "connections": 1,
            "bytes_out": 22,
            "bytes_in": 27,
        }
        | kind
    )
    now = at or timezone.now()
    sent = [
        Sent(now + dt.timedelta(milliseconds=step), port, told)
        for step, port in enumerate(ports)
    ]
    probe_ledger.write(sent, run=run, vantage_id=vantage.pk, address=address)
