"""Terms and consents: written by the provider, signed tick by tick by the customer."""

import datetime as dt

import pytest
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from exposure.models import Authorisation, Exclusion, Vantage
from exposure.services import scope as service
from exposure.services import terms
from exposure.services.scope import rule_of
from tenants.models import User, Workspace
from tests import factories
from tests.exposure.services.conftest import member

DAY = dt.timedelta(days=1)


def some(**values: object) -> terms.Terms:
    now = timezone.now()
    filled: dict[str, object] = {
        "statement": "You may look.",
        "valid_from": now,
        "valid_until": now + 30 * DAY,
        "packets_per_second": 100,
    }
    return terms.Terms(**(filled | values))  # type: ignore[arg-type]  # see above


def test_a_first_authorisation_allows_nothing_before_it_is_signed(
    in_northmill: Workspace, ana: User, otto: User
) -> None:
    site = factories.make_site()

    row = terms.create_authorisation(
        site.pk, reference="TH-1", terms=some(), by=member(ana)
    )
    assert "is not signed" in service.why_not_now(row, now=timezone.now())
    service.add_entry(
        row.pk, value="127.79.1.1", vantage_id=Vantage.objects.get().pk, by=member(ana)
    )

    signed = service.sign(row.pk, by=member(otto), consents=["default_credentials"])
    assert service.why_not_now(signed, now=timezone.now()) == ""
    assert rule_of(signed).consents == {"default_credentials"}


def test_a_renewal_asks_for_a_new_signature(
    scope: Authorisation, ana: User, ida: User
) -> None:
    service.unsign(scope)
    service.sign(scope.pk, by=member(ida), consents=["codesys_login"])
    until = timezone.now() + 60 * DAY

    row = terms.change_terms(scope.pk, terms=some(valid_until=until), by=member(ana))

    assert (row.signed_at, row.consents) == (None, [])
    assert rule_of(row).consents == frozenset()


def test_the_same_terms_leave_the_signature_alone(
    scope: Authorisation, ana: User
) -> None:
    same = terms.Terms(
        scope.statement, scope.valid_from, scope.valid_until, scope.packets_per_second
    )

    assert terms.change_terms(scope.pk, terms=same, by=member(ana)).signed_at


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"valid_until": timezone.now() - DAY}, "valid_until"),
        ({"valid_until": timezone.now() + 500 * DAY}, "valid_until"),
        ({"packets_per_second": 0}, "packets_per_second"),
        ({"packets_per_second": 10**6}, "packets_per_second"),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    scope: Authorisation, ana: User, values: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        terms.change_terms(scope.pk, terms=some(**values), by=member(ana))

    assert refusal.value.field == field


def test_a_reference_is_there_once(scope: Authorisation, ana: User) -> None:
    with pytest.raises(InvalidInput, match="already"):
        terms.create_authorisation(
            scope.site_id, reference=scope.reference, terms=some(), by=member(ana)
        )


def test_a_consent_is_withdrawn_by_the_customer_and_the_rest_stays_signed(
    scope: Authorisation, ana: User, ida: User
) -> None:
    service.unsign(scope)
    service.sign(scope.pk, by=member(ida), consents=["codesys_login", "hartip_session"])

    with pytest.raises(NotAllowed):
        terms.withdraw_consent(scope.pk, consent="codesys_login", by=member(ana))
    row = terms.withdraw_consent(scope.pk, consent="codesys_login", by=member(ida))

    assert row.consents == ["hartip_session"]
    assert row.signed_at is not None


def test_a_consent_that_there_is_not_is_refused(
    scope: Authorisation, ida: User
) -> None:
    service.unsign(scope)

    with pytest.raises(InvalidInput, match="no consent everything"):
        service.sign(scope.pk, by=member(ida), consents=["everything"])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"value": "127.79.1.1", "probe": "http"}, "127.79.1.1, probe http"),
        ({"port": 102}, "port 102"),
        ({"probe": "s7"}, "every address, probe s7"),
        ({"port": 80, "probe": "http"}, "port 80, probe http"),
    ],
)
def test_an_exclusion_names_any_of_address_port_and_probe(
    scope: Authorisation, otto: User, values: dict[str, object], words: str
) -> None:
    filled: dict[str, object] = {"value": "", "port": None, "reason": "Fragile"}

    row = service.add_exclusion(scope.pk, by=member(otto), **(filled | values))  # type: ignore[arg-type]  # see above

    scope.refresh_from_db()
    assert str(row) == words
    assert scope.signed_at is not None


def test_an_exclusion_of_nothing_or_of_no_probe_is_refused(
    scope: Authorisation, otto: User
) -> None:
    for values in ({"value": ""}, {"value": "", "probe": "nonsense"}):
        with pytest.raises(InvalidInput):
            service.add_exclusion(
                scope.pk, port=None, reason="x", by=member(otto), **values
            )
    assert not Exclusion.objects.exists()


def test_only_the_customer_takes_an_exclusion_back(
    scope: Authorisation, ana: User, otto: User
) -> None:
    row = service.add_exclusion(
        scope.pk, value="", port=102, reason="Fragile", by=member(ana)
    )

    with pytest.raises(NotAllowed):
        service.lift_exclusion(row.pk, by=member(ana))
    service.lift_exclusion(row.pk, by=member(otto))

    assert rule_of(scope).excluded_ports == frozenset()
