"""A host that answers everything: marked, believed less, and left alone."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest

from exposure.models import (
    EvidenceKind,
    Finding,
    FindingState,
    ProbeRecord,
    RunTarget,
    Service,
)
from exposure.services import findings, validation
from exposure.views.service_words import words_of
from tenants.scope import workspace_scope
from tests import factories
from tests.exposure.probes.decoys import answering
from tests.exposure.probes.stage import service
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, saying, serve

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

HERE = "127.79.1.1"
SPOKEN = ("modbus", "s7", "enip", "opcua", "iec104", "melsec", "mqtt")


@contextmanager
def decoy(yard: Yard) -> Iterator[None]:
    """Serve every industrial protocol correctly on one address of the scope."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def open_all(stack: AsyncExitStack) -> dict[str, str]:
        return {
            str(
                await stack.enter_async_context(
                    service(answering(protocol), address=HERE)
                )
            ): protocol
            for protocol in SPOKEN
        }

    stack = AsyncExitStack()
    try:
        hints = asyncio.run_coroutine_threadsafe(open_all(stack), loop).result()
        with workspace_scope():
            entry = factories.make_entry(yard.authorisation, HERE)
            entry.port_hints = hints
            entry.save()
        yield
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_honeypot_that_answers_everything_is_marked_and_left_alone(
    yard: Yard,
) -> None:
    with decoy(yard):
        run = yard.discover()
        with workspace_scope():
            asked = ProbeRecord.objects.exclude(probe="connect").count()
            grades = set(Finding.objects.values_list("grade", flat=True))
        validation.validate_findings(heartbeat=lambda: None)

    with workspace_scope():
        target = RunTarget.objects.get()
        services = list(Service.objects.select_related("observation"))
        found = list(Finding.objects.all())
        after = ProbeRecord.objects.exclude(probe="connect").count()
        said = found[0].evidence.filter(kind=EvidenceKind.CHECK).last()
        second = found[0].evidence.get(kind=EvidenceKind.SECOND)
    assert asked < len(SPOKEN)
    assert after == asked  # the second check left it alone
    assert "deception suspected: " in target.doubt
    assert target.doubt in yard.log(run)
    assert {service.doubt for service in services} == {target.doubt}
    assert all("deception suspected" in words_of(service) for service in services)
    # One reading alone would have been E3; nothing of a decoy is ever validated.
    assert "E3" not in grades
    assert {each.state for each in found} == {FindingState.OPEN}
    assert {each.grade for each in found} <= {"E2", "E1", "E0"}
    assert said is not None
    assert "It counts one grade less." in said.text
    assert second.holds is None
    assert "Nothing was sent." in second.text


def test_a_doubt_is_counted_once_however_often_it_comes_up(finding: Finding) -> None:
    findings.doubt(finding.service, "deception suspected: it speaks everything")
    findings.doubt(finding.service, "deception suspected: it still does")

    finding.refresh_from_db()
    assert finding.grade == "E3"
    assert finding.service.doubt == "deception suspected: it still does"


def test_a_doubt_goes_when_the_host_behaves_again(yard: Yard) -> None:
    yard.permit(HERE)
    with serve(HERE, yard.port, saying(PAGE)):
        yard.end(yard.discover())
        with workspace_scope():
            Service.objects.update(doubt="deception suspected: long ago")
        yard.discover()

    assert [each.doubt for each in yard.services()] == [""]
