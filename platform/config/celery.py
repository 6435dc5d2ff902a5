"""The Celery app: the distributed engine that carries job ids to workers."""

import os
from importlib import import_module
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery.signals import worker_ready
from django.conf import settings


def broker_url(redis_url: str) -> str:
    """Return Celery's spelling of a Redis address (it differs for Unix sockets)."""
    if redis_url.startswith("unix://"):
        path, _, _query = redis_url.removeprefix("unix://").partition("?")
        return f"redis+socket://{path}?virtual_host=1"
    return redis_url


app = Celery("sightline", broker=broker_url(settings.REDIS_URL))
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_default_queue="default",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    # Our own lease redelivers; the broker must not do it a second time.
    broker_transport_options={
        "visibility_timeout": 6 * 3600,
        "queue_order_strategy": "round_robin",
    },
    # Celery closes the database connection after every task unless told otherwise.
    CELERY_DB_REUSE_MAX=1000,
)
app.autodiscover_tasks(["tenants", "exposure", "workflows"])


@worker_ready.connect
def start_watchdog(sender: Any, **_: Any) -> None:
    """Watch over a worker that is ready; web and scheduler never load this."""
    import_module("tenants.services.master_key").check_at_start()
    import_module("config.watchdog").watch(sender)
