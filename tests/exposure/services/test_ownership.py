"""Whose it is: nothing is sent to an entry that nobody has proven."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django import Settings

from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.collectors import ownership as asking
from exposure.models import (
    Authorisation,
    OwnershipProof,
    ProofKind,
    ScopeEntry,
    StopLevel,
)
from exposure.services import letters, ownership, stopping
from exposure.services.proofs import why_unproven
from exposure.services.scope import rule_of
from exposure.services.targets import expand
from tenants.models import Role, User, Workspace
from tests import factories
from tests.exposure.services.conftest import member
from tests.exposure.services.names import Zone, name_server
from tests.exposure.services.servers import Heard, free_port, saying, serve

NAME = "vpn.northmill.example"
PUBLIC = "93.184.216.0/28"
WEB = "127.79.1.9"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Zone, tuple[str, int]]]:
    """One name server for all tests of this file."""
    with name_server() as running:
        yield running


@pytest.fixture
def zone(server: tuple[Zone, tuple[str, int]], settings: Settings) -> Zone:
    """The only name server that Sightline asks."""
    zone, address = server
    settings.DNS_RESOLVERS = [address]
    zone.answers.clear()
    return zone


@pytest.fixture
def entry(scope: Authorisation) -> ScopeEntry:
    """A name that nobody has proven."""
    return factories.make_entry(scope, NAME)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """A web server whose answer a test sets."""
    port = free_port()
    monkeypatch.setattr(asking, "HTTP_PORT", port)
    with serve(WEB, port, saying(b"")) as heard:
        yield heard


def page(body: str, status: str = "200 OK", header: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{header}Connection: close\r\n\r\n{body}".encode()


def checked(entry: ScopeEntry, user: User, kind: ProofKind, **values: str) -> str:
    """Ask for a check and make it; return what is said of it, "" for proven."""
    row = ownership.ask_check(entry.pk, kind=kind, by=member(user), **values)
    ownership.check_due(heartbeat=lambda: None)
    row.refresh_from_db()
    assert row.asked_at is None
    return row.detail


def fresh(entry: ScopeEntry) -> ScopeEntry:
    return ScopeEntry.objects.get(pk=entry.pk)


def token(entry: ScopeEntry, user: User, kind: ProofKind = ProofKind.DNS) -> str:
    return ownership.ask_check(entry.pk, kind=kind, by=member(user)).token


def test_what_nobody_has_proven_is_left_out_and_said(scope: Authorisation) -> None:
    factories.make_entry(scope, PUBLIC)
    run = factories.make_run(scope)

    expand(run)

    assert [str(each) for each in rule_of(scope).networks] == ["127.79.1.1/32"]
    assert run.targets.count() == 1
    assert "Nobody has shown yet" in run.events.get(target=PUBLIC).text


def test_an_installation_may_do_without_proofs(
    scope: Authorisation, settings: Settings
) -> None:
    settings.SCAN_REQUIRES_PROOF = False
    factories.make_entry(scope, PUBLIC)

    assert PUBLIC in [str(each) for each in rule_of(scope).networks]


def test_a_record_in_the_dns_proves_a_name(
    entry: ScopeEntry, ana: User, zone: Zone
) -> None:
    secret = token(entry, ana)
    assert "no TXT record" in checked(entry, ana, ProofKind.DNS)
    zone.answers[f"_sightline-challenge.{NAME}"] = [["TXT other", f"TXT {secret}"]]

    assert checked(entry, ana, ProofKind.DNS) == ""
    assert why_unproven(fresh(entry)) == ""
    proof = entry.proofs.get()
    assert proof.valid_until is not None
    assert proof.proven_at is not None
    assert proof.valid_until - proof.proven_at == dt.timedelta(days=90)


@pytest.mark.parametrize("said", ["0" * 32, "", "x" * 200])
def test_another_record_proves_nothing(
    entry: ScopeEntry, ana: User, zone: Zone, said: str
) -> None:
    zone.answers[f"_sightline-challenge.{NAME}"] = [[f'TXT "{said}"']]

    assert "is the token" in checked(entry, ana, ProofKind.DNS)
    assert "Nobody has shown" in why_unproven(fresh(entry))


def test_a_file_proves_a_name_or_an_address(
    entry: ScopeEntry, ana: User, zone: Zone, web: Heard
) -> None:
    zone.answers[NAME] = [[f"A {WEB}"]]
    web.answer = saying(page(token(entry, ana, ProofKind.HTTP) + "\n"))

    assert checked(entry, ana, ProofKind.HTTP) == ""
    assert web.connections == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (page("no", "404 Not Found"), "answered 404"),
        (page("no"), "does not hold the token"),
        (page("x" * 5000), "does not hold the token"),
        (page("", "302 Found", "Location: http://127.80.0.1/\r\n"), "do not follow"),
        (b"SSH-2.0-x\r\n", "cut off or is not HTTP"),
    ],
)
def test_any_other_answer_proves_nothing(
    entry: ScopeEntry, ana: User, zone: Zone, web: Heard, answer: bytes, words: str
) -> None:
    zone.answers[NAME] = [[f"A {WEB}"]]
    web.answer = saying(answer)

    assert words in checked(entry, ana, ProofKind.HTTP)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "127.0.0.1", "10.0.0.1", "0.0.0.0"],  # noqa: S104 - a lie
)
def test_a_check_goes_nowhere_where_a_run_may_not_go(
    entry: ScopeEntry, ana: User, zone: Zone, web: Heard, address: str
) -> None:
    zone.answers[NAME] = [[f"A {WEB}", f"A {address}"]]

    assert "Nothing was sent" in checked(entry, ana, ProofKind.HTTP)
    assert web.connections == 0


def test_a_check_obeys_a_stop(
    entry: ScopeEntry, ana: User, zone: Zone, web: Heard
) -> None:
    zone.answers[NAME] = [[f"A {WEB}"]]
    stopping.order_stop(by=member(ana), level=StopLevel.WORKSPACE)

    assert "has been stopped since" in checked(entry, ana, ProofKind.HTTP)
    assert web.connections == 0


def test_the_file_of_a_range_is_on_an_address_of_it(
    scope: Authorisation, ana: User, web: Heard
) -> None:
    entry = factories.make_entry(scope, "127.79.1.8/30")
    with pytest.raises(InvalidInput, match="must be inside"):
        ownership.ask_check(
            entry.pk, kind=ProofKind.HTTP, address="127.79.1.1", by=member(ana)
        )
    with pytest.raises(InvalidInput, match="no record of its own"):
        ownership.ask_check(entry.pk, kind=ProofKind.DNS, by=member(ana))
    row = ownership.ask_check(
        entry.pk, kind=ProofKind.HTTP, address=WEB, by=member(ana)
    )
    web.answer = saying(page(row.token))

    assert checked(entry, ana, ProofKind.HTTP, address=WEB) == ""


def test_a_proof_that_ends_soon_is_checked_again_and_ends_if_it_is_gone(
    entry: ScopeEntry, ana: User, zone: Zone
) -> None:
    zone.answers[f"_sightline-challenge.{NAME}"] = [[f"TXT {token(entry, ana)}"]]
    checked(entry, ana, ProofKind.DNS)
    ahead = timezone.now() + dt.timedelta(days=5)
    days_ago = timezone.now() - dt.timedelta(days=3)
    rows = OwnershipProof.objects.filter(entry=entry)
    rows.update(valid_until=ahead, checked_at=days_ago)

    zone.answers.clear()
    ownership.check_due(heartbeat=lambda: None)
    lost = rows.get()
    rows.update(valid_until=timezone.now())

    assert (lost.valid_until, lost.detail[:9]) == (ahead, "There is ")
    assert "has expired" in why_unproven(fresh(entry))


def test_a_check_that_fails_too_often_leaves_nobody_waiting(
    entry: ScopeEntry, ana: User
) -> None:
    token(entry, ana)

    ownership.give_up()

    row = entry.proofs.get()
    assert row.asked_at is None
    assert "Ask again" in row.detail


def test_a_letter_needs_two_people_of_the_customer(
    scope: Authorisation, ana: User, ida: User, otto: User
) -> None:
    entry = factories.make_entry(scope, PUBLIC)
    letter = letters.add_letter(
        scope.pk, [b"We hold it."], name="deed.txt", covers=[PUBLIC], by=member(ida)
    )

    with pytest.raises(NotAllowed):
        letters.approve_letter(letter.pk, by=member(ana))
    letters.approve_letter(letter.pk, by=member(ida))
    with pytest.raises(Conflict, match="Another person"):
        letters.approve_letter(letter.pk, by=member(ida))
    assert why_unproven(fresh(entry)) != ""
    letters.approve_letter(letter.pk, by=member(otto))

    assert why_unproven(fresh(entry)) == ""
    assert PUBLIC in [str(each) for each in rule_of(scope).networks]


def test_a_letter_is_about_entries_of_the_scope(
    scope: Authorisation, ana: User
) -> None:
    with pytest.raises(InvalidInput, match="Choose what"):
        letters.add_letter(
            scope.pk, [b"x"], name="x.txt", covers=["8.8.8.8"], by=member(ana)
        )


def test_an_auditor_asks_for_no_proof(entry: ScopeEntry, northmill: Workspace) -> None:
    rita = factories.make_user("rita@northmill.example", "Rita Sand")
    factories.make_member(northmill, rita, role=Role.AUDITOR)

    with pytest.raises(NotAllowed):
        token(entry, rita)
