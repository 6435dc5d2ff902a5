"""Runs the worker of one vantage: it looks from where this command is started."""

import datetime as dt
import logging
import os
import platform
import threading
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django.utils import timezone

from config.celery import app
from exposure.models import Vantage
from exposure.services.vantages import saw_worker
from tenants.scope import workspace_scope

log = logging.getLogger(__name__)
PULSE = dt.timedelta(seconds=15)


class Command(BaseCommand):
    """Says every 15 seconds that it is there, and works on the queue of its vantage."""

    help = "Look from here for one vantage. The page of vantages prints the two ids."

    def add_arguments(self, parser: Any) -> None:
        """Take the ids of workspace and vantage."""
        parser.add_argument("workspace", type=uuid.UUID)
        parser.add_argument("vantage", type=uuid.UUID)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Work until the process is asked to end."""
        workspace, vantage = options["workspace"], options["vantage"]
        if not pulse(workspace, vantage):
            raise CommandError(
                "There is no such vantage with a worker of its own, or it is retired."
            )
        queue = _queue(workspace, vantage)
        connections.close_all()  # the processes that the worker forks open their own
        threading.Thread(
            target=_keep_saying, args=[workspace, vantage], daemon=True, name="pulse"
        ).start()
        app.worker_main(
            [
                *("worker", "-Q", queue, "--pool", "prefork"),
                *("-c", "1", "--loglevel", "INFO", "--without-gossip"),
                *("--without-mingle", "--without-heartbeat"),
            ]
        )


def pulse(workspace: uuid.UUID, vantage: uuid.UUID) -> bool:
    """Say once that the worker is there; False when nobody wants it any more."""
    with workspace_scope(workspace):
        return saw_worker(vantage, name=platform.node(), now=timezone.now())


def _queue(workspace: uuid.UUID, vantage: uuid.UUID) -> str:
    with workspace_scope(workspace):
        return Vantage.objects.get(pk=vantage).queue


def _keep_saying(workspace: uuid.UUID, vantage: uuid.UUID) -> None:
    pause = threading.Event()
    while not pause.wait(PULSE.total_seconds()):
        try:
            if not pulse(workspace, vantage):
                log.critical("This vantage is retired: its worker ends.")
                os._exit(0)  # a warm stop would wait for a run that nobody wants
        except DatabaseError:
            # Unheard of for a minute, it counts as gone; then it says so again.
            log.warning("The database does not answer.")
        finally:
            connections.close_all()
