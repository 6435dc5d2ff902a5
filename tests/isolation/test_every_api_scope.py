"""Every address of the API: a key does what scope, maker, portal and site let it."""

from collections.abc import Callable

from tenants.key_scopes import KeyScope
from tenants.models import Membership, Portal, Role, Side, Workspace
from tenants.rights import LOOKING, RIGHTS
from tenants.scope import workspace_scope
from tests import factories
from tests.isolation.conftest import SECRET_NAME, Place
from tests.isolation.walking import picture
from tests.isolation.walking_api import (
    ADDRESSES,
    FORBIDDEN,
    METHODS,
    NOT_FOUND,
    OK,
    UNKNOWN_KEY,
    ask,
    every_act,
    right_of,
    untouched,
)

SecretOf = Callable[..., str]


def test_a_key_does_what_its_scopes_say_and_nothing_else(
    place: Place, secret_of: SecretOf, signed: None
) -> None:
    before = picture(place.northmill, place.eastholm)
    keys = {scope: secret_of(place.ana, scope) for scope in KeyScope}

    for address, method, needed in every_act():
        for scope in set(KeyScope) - {needed}:
            answer = ask(keys[scope], method, address, place)
            if needed is None:
                assert answer.status_code in OK
            else:
                assert answer.status_code == FORBIDDEN, (address, method, scope)
                assert method == "head" or needed in answer.json()["detail"]
    assert untouched(before, place)
    for address, method, needed in every_act():
        answer = ask(keys[needed or KeyScope.RETEST], method, address, place)
        assert answer.status_code in OK, (address, method, answer.content)


def test_a_key_does_no_more_than_its_maker_may(
    place: Place, secret_of: SecretOf, signed: None
) -> None:
    keys = {role: secret_of(place.people[role]) for role in Role}
    acts = [
        (role, address, method, role in RIGHTS[right_of(needed)])
        for address, method, needed in every_act()
        for role in Role
    ]
    before = picture(place.northmill, place.eastholm)

    for role, address, method, able in acts:
        if not able:
            answer = ask(keys[role], method, address, place)
            assert answer.status_code == FORBIDDEN, (role, address, method)
    assert untouched(before, place)
    for role, address, method, able in acts:
        if able:
            answer = ask(keys[role], method, address, place)
            # Somebody before may have started the run already.
            assert answer.status_code in OK | {409}, (role, address, answer.content)


def test_a_maker_who_is_demoted_takes_the_key_along(
    place: Place, secret_of: SecretOf, signed: None
) -> None:
    secret = secret_of(place.people[Role.MANAGER])
    mine = Membership.objects.filter(user=place.people[Role.MANAGER])
    mine.update(role=Role.AUDITOR, expires_at=None)
    before = picture(place.northmill, place.eastholm)

    for address, method, needed in every_act():
        able = Role.AUDITOR in RIGHTS[right_of(needed)]
        answer = ask(secret, method, address, place)
        assert (answer.status_code in OK) is able, (address, method)
        assert able or answer.status_code == FORBIDDEN
    assert untouched(before, place)


def test_a_maker_who_is_removed_takes_the_key_along(
    place: Place, secret_of: SecretOf, signed: None
) -> None:
    """T7: the token lives on after removal. It does not."""
    secret = secret_of(place.otto)
    assert ask(secret, "get", ADDRESSES[0], place).status_code in OK
    Membership.objects.filter(user=place.otto).delete()

    for address in ADDRESSES:
        for method in METHODS:
            answer = ask(secret, method, address, place)
            assert answer.status_code == UNKNOWN_KEY, (address, method)


def test_a_maker_who_comes_again_does_not_bring_the_old_key(
    place: Place, secret_of: SecretOf
) -> None:
    secret = secret_of(place.otto)
    Membership.objects.filter(user=place.otto).delete()
    factories.make_member(
        place.northmill, place.otto, role=Role.OWNER, side=Side.OT, is_admin=True
    )

    assert ask(secret, "get", ADDRESSES[0], place).status_code == UNKNOWN_KEY


def test_the_portal_holds_for_keys_of_the_customers_people(
    place: Place, secret_of: SecretOf, signed: None
) -> None:
    customers, providers = secret_of(place.otto), secret_of(place.ana)
    before = picture(place.northmill, place.eastholm)

    for level in (Portal.OFF, Portal.READ):
        Workspace.objects.update(portal=level)
        for address, method, needed in every_act():
            may_look = level == Portal.READ and right_of(needed) in LOOKING
            answer = ask(customers, method, address, place)
            assert (answer.status_code in OK) is may_look, (level, address, method)
            assert may_look or answer.status_code == FORBIDDEN
    assert untouched(before, place)
    for address, method, _ in every_act():
        assert ask(providers, method, address, place).status_code in OK


def test_a_maker_who_needs_a_second_factor_has_one(
    place: Place, secret_of: SecretOf
) -> None:
    secret = secret_of(place.otto)
    Workspace.objects.update(second_factor_roles=[Role.OWNER])

    for address in ADDRESSES:
        for method in METHODS:
            answer = ask(secret, method, address, place)
            assert answer.status_code == FORBIDDEN, (address, method)


def test_a_key_of_another_site_finds_nothing_there(
    place: Place, secret_of: SecretOf, signed: None
) -> None:
    with workspace_scope(place.northmill.id):
        elsewhere = factories.make_site("Elsewhere")
    own = secret_of(place.ana, site_ids=[elsewhere.pk])
    Membership.objects.filter(user=place.people[Role.MANAGER]).update(
        site_ids=[elsewhere.pk]
    )
    makers = secret_of(place.people[Role.MANAGER])
    before = picture(place.northmill, place.eastholm)

    for secret in (own, makers):
        for address, method, needed in every_act():
            answer = ask(secret, method, address, place)
            assert SECRET_NAME not in answer.content.decode(), (address, method)
            if address.parameters or method == "post":
                assert answer.status_code == NOT_FOUND, (address, method)
            elif needed == KeyScope.PLANT_READ and method == "get":
                ids = {each["id"] for each in answer.json()["items"]}
                assert ids <= {str(elsewhere.pk)}
    assert untouched(before, place)
