"""Who settles what about outside sources: the customer consents, the provider has keys."""

import pytest

from common.errors import InvalidInput, NotAllowed
from exposure.models import Authorisation, SourceGrant
from exposure.services import source_grants
from tenants.models import Job, User
from tests.exposure.services.conftest import member

KEY = "k3y-of-the-provider"


def test_the_customer_consents_and_nobody_else(
    scope: Authorisation, ana: User, ida: User
) -> None:
    with pytest.raises(NotAllowed):
        source_grants.consent("crtsh", by=member(ana))
    with pytest.raises(NotAllowed):
        source_grants.withdraw("crtsh", by=member(ana))
    with pytest.raises(NotAllowed):
        source_grants.set_key("shodan", KEY, by=member(ida))

    assert not SourceGrant.objects.exclude(consented_at=None).exists()
    assert not Job.objects.filter(task="exposure.ask_sources").exists()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("crtsh", "x"),
        ("nobody", "x"),
        ("shodan", "a\r\nX-Header: b"),
        ("shodan", "k" * 501),
        ("shodan", "schlüssel"),
        ("shodan", "a\0b"),
    ],
)
def test_what_is_no_key_is_refused(
    scope: Authorisation, ana: User, name: str, key: str
) -> None:
    with pytest.raises(InvalidInput):
        source_grants.set_key(name, key, by=member(ana))
