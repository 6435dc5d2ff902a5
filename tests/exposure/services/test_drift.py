"""What changed from run to run, in words, and never "gone" without having looked."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from exposure.models import (
    Authorisation,
    Run,
    RunTarget,
    Service,
    ServiceChange,
    ServiceState,
    TargetState,
    Vantage,
)
from exposure.probes.base import Outcome, ProbeResult, Target
from exposure.services import drift, gone, probe_ledger, recording
from exposure.services.probe_ledger import Kind, Sent
from tests import factories

ADDRESS, PORT = "127.79.1.1", 443
FACTS = {"vendor": "Siemens", "product": "S7-1200", "version": "4.5"}


@dataclass
class Looks:
    """Runs over one address, each with what it heard there."""

    authorisation: Authorisation
    vantage: Vantage

    def look(self, *heard: ProbeResult, looked: bool = True, mode: str = "full") -> Run:
        """Do one run; `looked`: whether the port was tried at all."""
        run = factories.make_run(self.authorisation)
        target = RunTarget.objects.create(
            run=run,
            vantage=self.vantage,
            address=ADDRESS,
            state=TargetState.DONE,
            mode=mode,
        )
        for result in heard:
            recording.record_result(target, run, result, site=self.authorisation.site)
        if looked and not heard:
            _tried(run, self.vantage)
        gone.mark_gone(run)
        return run


def _tried(run: Run, vantage: Vantage) -> None:
    kind = Kind("tcp", "connect", 1, "filtered", 1, 0, 0)
    sent = [Sent(timezone.now(), PORT, kind)]
    probe_ledger.write(sent, run=run, vantage_id=vantage.pk, address=ADDRESS)


@pytest.fixture
def looks(scope: Authorisation, vantage: Vantage) -> Looks:
    return Looks(scope, vantage)


def said(
    facts: dict[str, Any] | None = None,
    *,
    probe: str = "s7",
    outcome: Outcome = Outcome.IDENTIFIED,
    level: str = "L1",
    version: int = 1,
) -> ProbeResult:
    return ProbeResult(
        probe=probe,
        version=version,
        target=Target(ADDRESS, PORT),
        outcome=outcome,
        level=level,
        facts=FACTS if facts is None else facts,
        connections=1,
    )


def kinds(run: Run) -> list[str]:
    rows = ServiceChange.objects.filter(run=run).order_by("kind")
    return [row.kind for row in rows]


def test_the_first_look_finds_something_new(looks: Looks) -> None:
    run = looks.look(said())

    [change] = ServiceChange.objects.all()
    assert (change.kind, change.before) == ("new", "")
    assert change.after == "s7 Siemens S7-1200 4.5"
    assert drift.summary_of(run, seen=1) == drift.Summary(1, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("after", "kind", "words"),
    [
        (said({**FACTS, "version": "4.6"}), "version", ("version 4.5", "version 4.6")),
        (
            said({**FACTS, "product": "S7-1500"}),
            "product",
            ("product S7-1200", "product S7-1500"),
        ),
        (said(level="L3"), "level", ("L1", "L3")),
        (said({**FACTS, "issuer": "CN=new"}), "certificate", ("", "issuer CN=new")),
        (
            said({"anomaly": "It repeats."}, outcome=Outcome.ANOMALY, level="L1"),
            "anomaly",
            ("", "anomaly It repeats."),
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_it_says_what_changed_exactly(
    looks: Looks, after: ProbeResult, kind: str, words: tuple[str, str]
) -> None:
    looks.look(said())

    run = looks.look(after)

    change = ServiceChange.objects.get(run=run, kind=kind)
    assert (change.before, change.after) == words
    assert Service.objects.get().state == ServiceState.CHANGED
    assert drift.summary_of(run, seen=1).changed == 1


def test_the_same_answer_is_no_change(looks: Looks) -> None:
    looks.look(said())

    run = looks.look(said())

    assert kinds(run) == []
    assert Service.objects.get().state == ServiceState.UNCHANGED
    assert drift.summary_of(run, seen=1) == drift.Summary(0, 0, 0, 0, 1)


def test_another_version_of_a_probe_is_our_change_and_not_theirs(looks: Looks) -> None:
    looks.look(said())

    assert kinds(looks.look(said({"product": "S7"}, version=2))) == []


def test_probes_are_compared_each_with_its_own_last_answer(looks: Looks) -> None:
    certificate = said({"issuer": "CN=a"}, probe="tls")
    page = said({"title": "Store"}, probe="https")
    looks.look(certificate, page)

    same = kinds(looks.look(certificate, page))
    # A gentle run leaves the certificate out: that says nothing about it.
    less = kinds(looks.look(page))
    renewed = kinds(looks.look(said({"issuer": "CN=b"}, probe="tls"), page))

    assert (same, less, renewed) == ([], [], ["certificate"])


def test_another_protocol_is_told(looks: Looks) -> None:
    looks.look(said({}, probe="ssh"))

    run = looks.look(said({"title": "x"}, probe="http"))

    change = ServiceChange.objects.get(run=run)
    assert (change.kind, change.before, change.after) == ("protocol", "ssh", "http")


def test_gone_and_back_are_told(looks: Looks) -> None:
    looks.look(said())
    gone = looks.look()
    state = Service.objects.get().state
    back = looks.look(said())

    assert (kinds(gone), state, kinds(back)) == (["gone"], "gone", ["back"])
    assert drift.summary_of(gone, seen=0) == drift.Summary(0, 0, 0, 1, 0)
    assert drift.summary_of(back, seen=1) == drift.Summary(0, 0, 1, 0, 0)


def test_it_is_never_gone_without_having_been_looked_for(looks: Looks) -> None:
    looks.look(said())

    assert kinds(looks.look(looked=False)) == []
    assert Service.objects.get().state == ServiceState.NEW


def test_who_only_listens_takes_no_name_away(looks: Looks) -> None:
    looks.look(said())
    heard = said({}, probe="banner", outcome=Outcome.OTHER_PROTOCOL)

    run = looks.look(heard, mode="listen")

    service = Service.objects.get()
    assert (service.protocol, service.last_run, kinds(run)) == ("s7", run, [])


def test_an_answer_that_is_recorded_twice_is_one_change(looks: Looks) -> None:
    looks.look(said())

    run = looks.look(said({**FACTS, "version": "5"}), said({**FACTS, "version": "5"}))

    assert kinds(run) == ["version"]


def test_the_feed_is_filtered(looks: Looks) -> None:
    looks.look(said())
    gone = looks.look()
    later = timezone.now() + dt.timedelta(hours=1)
    other = factories.make_site("Other")

    counts = [
        drift.changes().count(),
        drift.changes(run=gone).count(),
        drift.changes(kind="gone").count(),
        drift.changes(site_id=looks.authorisation.site_id).count(),
        drift.changes(site_id=other.pk).count(),
        drift.changes(since=later).count(),
    ]

    assert counts == [2, 1, 1, 2, 0, 0]
