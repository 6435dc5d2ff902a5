"""What may be put into a scope, what is refused in words, and who may sign it."""

import pytest
from pytest_django import Settings

from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.models import Authorisation, Exclusion, ScopeEntry, Vantage
from exposure.services import scope as service
from tenants.models import Role, User, Workspace
from tests import factories
from tests.exposure.services.conftest import member

NOBODY = "01990000-0000-7000-8000-000000000000"


def add(scope: Authorisation, vantage: Vantage, user: User, value: str) -> ScopeEntry:
    return service.add_entry(
        scope.pk, value=value, vantage_id=vantage.pk, by=member(user)
    )


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (" 127.79.1.2 ", "127.79.1.2"),
        ("127.79.2.0/24", "127.79.2.0/24"),
        ("VPN.Northmill.Example.", "vpn.northmill.example"),
    ],
)
def test_it_is_kept_in_one_form(
    scope: Authorisation, vantage: Vantage, ana: User, value: str, kept: str
) -> None:
    entry = add(scope, vantage, ana, value)

    assert entry.value == kept
    assert entry.added_by == ana


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0.0.0.0/0", "too wide"),
        ("::/0", "too wide"),
        ("10.0.0.0/8", "too wide"),
        ("fe80::1%eth0", "zone id"),
        ("169.254.169.254", "metadata"),
        ("::ffff:10.0.0.1", "hides an IPv4 address"),
        ("224.0.0.1", "multicast"),
        ("127.79.1.1/24", "one address with a range behind it"),
        ("127.1", "four plain numbers"),
        ("0x7f000001", "not an address"),
        ("http://plant.example", "not an address"),
        ("*.plant.example", "Type each name"),
        ("plant.example:443", "has a port"),
        ("plаnt.example", "different alphabets"),  # noqa: RUF001 - a Cyrillic a
        ("xn--plnt-63d.example", "different alphabets"),
        ("plant\u200b.example", "hidden characters"),
        ("garbage", "not an address"),
        ("", "Type an address"),
        ("a" * 400, "longer than"),
    ],
)
def test_it_is_refused_in_words_and_nothing_changes(
    scope: Authorisation, vantage: Vantage, ana: User, value: str, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words) as refusal:
        add(scope, vantage, ana, value)

    scope.refresh_from_db()
    assert refusal.value.field == "value"
    assert ScopeEntry.objects.count() == 1
    assert scope.signed_at is not None


@pytest.mark.parametrize(
    ("value", "words"),
    [("127.0.0.1", "loopback"), ("10.1.2.3", "private"), ("fd00::1", "private")],
)
def test_private_addresses_need_the_installations_leave(
    scope: Authorisation,
    vantage: Vantage,
    ana: User,
    settings: Settings,
    value: str,
    words: str,
) -> None:
    settings.SCAN_ALLOWED_PRIVATE_RANGES = ()

    with pytest.raises(InvalidInput, match=words):
        add(scope, vantage, ana, value)


def test_the_same_entry_twice_is_refused(
    scope: Authorisation, vantage: Vantage, ana: User
) -> None:
    with pytest.raises(InvalidInput, match="in the scope already"):
        add(scope, vantage, ana, "127.79.1.1")


def test_a_vantage_of_nobody_is_refused(scope: Authorisation, ana: User) -> None:
    with pytest.raises(InvalidInput, match="where to look from"):
        service.add_entry(
            scope.pk,
            value="127.79.1.2",
            vantage_id=NOBODY,  # type: ignore[arg-type]  # what a form could send
            by=member(ana),
        )


def test_adding_one_takes_the_signature_away(
    scope: Authorisation, vantage: Vantage, ana: User
) -> None:
    add(scope, vantage, ana, "127.79.1.2")

    scope.refresh_from_db()
    assert (scope.signed_by, scope.signed_at) == (None, None)


def test_an_exclusion_leaves_the_signature(scope: Authorisation, ida: User) -> None:
    service.add_exclusion(
        scope.pk,
        value="127.79.1.1",
        port=102,
        reason="Furnace",
        by=factories.membership_of(ida),
    )

    scope.refresh_from_db()
    assert scope.signed_at is not None
    assert service.rule_of(scope).excluded_sockets.keys() == {102}


def test_a_name_cannot_be_excluded(scope: Authorisation, ida: User) -> None:
    with pytest.raises(InvalidInput, match="not a name"):
        service.add_exclusion(
            scope.pk,
            value="plant.example",
            port=None,
            reason="x",
            by=factories.membership_of(ida),
        )

    assert not Exclusion.objects.exists()


@pytest.mark.parametrize("role", [Role.ANALYST, Role.MANAGER, Role.AUDITOR])
def test_nobody_of_the_provider_signs(
    northmill: Workspace, scope: Authorisation, role: Role
) -> None:
    user = factories.make_user("bob@northgate.example", "Bob")
    factories.make_member(northmill, user, role=role)

    with pytest.raises(NotAllowed, match="customer"):
        service.sign(scope.pk, by=member(user))


def test_the_customer_signs_what_was_shown(scope: Authorisation, otto: User) -> None:
    Authorisation.objects.update(signed_by=None, signed_at=None)

    signed = service.sign(scope.pk, by=member(otto), seen=service.fingerprint(scope))

    assert signed.signed_by == otto


def test_what_is_signed_stays_signed_by_whom_it_was(
    scope: Authorisation, ida: User, otto: User
) -> None:
    again = service.sign(scope.pk, by=member(otto), seen=service.fingerprint(scope))

    assert (again.signed_by, again.signed_at) == (ida, scope.signed_at)


@pytest.mark.parametrize("what", ["an entry", "the end", "the speed", "the words"])
def test_nobody_signs_what_has_changed_meanwhile(
    scope: Authorisation, vantage: Vantage, ana: User, otto: User, what: str
) -> None:
    seen = service.fingerprint(scope)
    if what == "an entry":
        add(scope, vantage, ana, "127.79.1.2")
    elif what == "the end":
        Authorisation.objects.update(valid_until=scope.valid_until.replace(year=2099))
    elif what == "the speed":
        Authorisation.objects.update(packets_per_second=9000)
    else:
        Authorisation.objects.update(statement="Do as you like.")

    with pytest.raises(Conflict, match="Read it again"):
        service.sign(scope.pk, by=member(otto), seen=seen)


def test_an_unsigned_rule_lets_nothing_through(scope: Authorisation) -> None:
    scope.signed_at = None

    rule = service.rule_of(scope)

    assert rule.valid_until == rule.valid_from


def test_an_entry_that_is_not_allowed_here_any_more_lets_nothing_through(
    scope: Authorisation, settings: Settings
) -> None:
    settings.SCAN_ALLOWED_PRIVATE_RANGES = ()

    assert service.rule_of(scope).networks == ()
