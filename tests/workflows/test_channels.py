"""Who is told, and where."""

import pytest

from common.errors import InvalidInput, NotAllowed
from common.sealing import SealBroken
from tenants.models import User, Workspace
from tests.workflows.conftest import member
from workflows.logic.webhook_signature import SignatureInvalid, new_secret
from workflows.models import Channel, Delivery
from workflows.services import channels
from workflows.services.announcements import announce

HOOK = "http://127.0.0.1:9/in"


def test_it_gives_a_person_one_mail_channel(in_northmill: Workspace, ida: User) -> None:
    assert channels.add_email(member(ida)) == channels.add_email(member(ida))

    assert Channel.objects.count() == 1


def test_it_shows_the_secret_once_and_keeps_it_sealed(
    in_northmill: Workspace, ana: User
) -> None:
    made = channels.add_webhook(HOOK, name=" Ticket \r\n system ", by=member(ana))

    row = Channel.objects.get()
    assert made.secret.startswith("whsec_")
    assert made.secret.encode() not in bytes(row.sealed_secret)
    assert made.secret not in repr(made)
    assert channels.secret_of(row) == made.secret
    assert row.name == "Ticket system"


def test_it_takes_a_secret_that_the_receiver_chose(
    in_northmill: Workspace, ana: User
) -> None:
    chosen = new_secret()

    made = channels.add_webhook(HOOK, name="One", by=member(ana), secret=chosen)

    assert channels.secret_of(made.channel) == chosen
    with pytest.raises(SignatureInvalid):
        channels.add_webhook(HOOK, name="Two", by=member(ana), secret="whsec_c2hvcnQ=")


def test_a_sealed_secret_opens_in_its_own_row_only(
    in_northmill: Workspace, ana: User
) -> None:
    one = channels.add_webhook(HOOK, name="One", by=member(ana)).channel
    other = channels.add_webhook(HOOK, name="Other", by=member(ana)).channel
    other.sealed_secret = one.sealed_secret

    with pytest.raises(SealBroken):
        channels.secret_of(other)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/in",
        "ftp://hooks.example/in",
        "https://user:pass@hooks.example/in",
        "https://hooks.example:22/in",
        "https://hooks.example/\r\nX: y",
        "",
        "https://hooks.example/" + "a" * 500,
    ],
)
def test_it_refuses_an_address_it_may_never_send_to(
    in_northmill: Workspace, ana: User, settings: object, url: str
) -> None:
    settings.WEBHOOK_ALLOWED_PRIVATE_RANGES = ()  # type: ignore[attr-defined]

    with pytest.raises(InvalidInput) as caught:
        channels.add_webhook(url, name="Ticket system", by=member(ana))

    assert caught.value.field == "url"
    assert not Channel.objects.exists()


@pytest.mark.parametrize("name", ["", " \n", "x" * 121])
def test_it_needs_a_name(in_northmill: Workspace, ana: User, name: str) -> None:
    with pytest.raises(InvalidInput):
        channels.add_webhook(HOOK, name=name, by=member(ana))


def test_it_is_edited_by_the_provider_only(in_northmill: Workspace, ida: User) -> None:
    with pytest.raises(NotAllowed):
        channels.add_webhook(HOOK, name="Mine", by=member(ida))


def test_it_sends_a_test_to_one_channel_only(
    in_northmill: Workspace, ana: User, ida: User
) -> None:
    one = channels.add_webhook(HOOK, name="One", by=member(ana)).channel
    channels.add_webhook(HOOK, name="Other", by=member(ana))

    channels.send_test(one.pk, by=member(ana))
    announce()

    assert Delivery.objects.get().channel == one
