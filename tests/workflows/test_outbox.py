"""What happened is told once to everybody who may hear it, or it did not happen."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from tenants.models import Membership, Role, Side, User, Workspace
from tenants.models.jobs import Job
from tests import factories
from tests.workflows.conftest import member
from workflows.models import Channel, Delivery, Event
from workflows.services import channels
from workflows.services.announcements import announce
from workflows.services.events import About, record

HERE = About(object_ref="SL-1", path="exposures/SL-1/")


@transaction.atomic
def and_then_fail(act: Callable[[], object]) -> None:
    """Do something in a transaction that does not come through."""
    act()
    raise RuntimeError


def test_an_event_and_its_job_commit_or_roll_back_together(
    in_northmill: Workspace,
) -> None:
    with pytest.raises(RuntimeError):
        and_then_fail(lambda: record("finding.routed", text="A.", about=HERE))
    assert not Event.objects.exists()
    assert not Job.objects.exists()

    record("finding.routed", text="A sentence.", about=HERE)

    assert Event.objects.get().path == "/w/northmill/exposures/SL-1/"
    assert Job.objects.get().task == "workflows.announce"


def test_a_delivery_and_its_job_commit_or_roll_back_together(
    in_northmill: Workspace, ida: User
) -> None:
    record("finding.routed", text="A sentence.", about=HERE)
    with pytest.raises(RuntimeError):
        and_then_fail(announce)
    assert not Delivery.objects.exists()

    announce()

    delivery = Delivery.objects.get()
    job = Job.objects.get(task="workflows.deliver")
    assert job.args == {"delivery_id": str(delivery.pk)}


def test_events_about_one_object_are_numbered(in_northmill: Workspace) -> None:
    other = About(object_ref="SL-2", path="exposures/SL-2/")

    numbers = [
        record("finding.routed", text="A sentence.", about=about).sequence
        for about in (HERE, other, HERE)
    ]

    assert numbers == [1, 1, 2]


def test_it_tells_every_owner_by_default(
    in_northmill: Workspace, ana: User, ida: User, otto: User
) -> None:
    record("decision.proposed", text="A sentence.", about=HERE, actor=ana)

    assert announce() == 2

    told = Delivery.objects.values_list("channel__member__email", flat=True)
    assert set(told) == {ida.email, otto.email}


def test_it_tells_once_however_often_it_runs(
    in_northmill: Workspace, ida: User
) -> None:
    record("decision.proposed", text="A sentence.", about=HERE)

    assert (announce(), announce(), announce()) == (1, 0, 0)

    assert Job.objects.filter(task="workflows.deliver").count() == 1
    row = Delivery.objects.get()
    with pytest.raises(IntegrityError, match="told_once"), transaction.atomic():
        Delivery.objects.create(event=row.event, channel=row.channel)


def test_it_wakes_a_delivery_whose_job_was_lost(
    in_northmill: Workspace, ida: User
) -> None:
    record("decision.proposed", text="A sentence.", about=HERE)
    announce()
    Job.objects.all().delete()

    announce()

    assert Job.objects.filter(task="workflows.deliver").count() == 1


@pytest.mark.parametrize(
    ("wants", "told"),
    [
        ([], 3),
        (["decision."], 2),
        (["decision.signed", "scan."], 2),
        (["retest."], 0),
    ],
)
def test_it_tells_what_a_channel_wants(
    in_northmill: Workspace, ida: User, wants: list[str], told: int
) -> None:
    channel = channels.add_email(member(ida))
    Channel.objects.filter(pk=channel.pk).update(wants=wants)
    for event_type in ("decision.signed", "decision.voided", "scan.finished"):
        record(event_type, text="A sentence.", about=HERE)

    assert announce() == told


def test_it_tells_nothing_to_who_has_left(in_northmill: Workspace, ida: User) -> None:
    channels.add_email(member(ida))
    Membership.objects.filter(user=ida).delete()
    record("decision.proposed", text="A sentence.", about=HERE)

    assert announce() == 0


def test_it_tells_a_new_member_nothing_of_the_time_before(
    in_northmill: Workspace,
) -> None:
    record("decision.proposed", text="A sentence.", about=HERE)
    user = factories.make_user("new@northmill.example", "Nora Lind")
    factories.make_member(in_northmill, user, role=Role.OWNER, side=Side.IT)

    assert announce() == 0


def test_it_tells_nothing_while_a_channel_is_off_and_all_of_it_afterwards(
    in_northmill: Workspace, ana: User, ida: User
) -> None:
    Membership.objects.filter(user=ana).update(role=Role.MANAGER)
    channel = channels.add_email(member(ida))
    channels.disable(channel.pk, by=member(ana))
    record("decision.proposed", text="A sentence.", about=HERE)
    assert announce() == 0

    channels.enable(channel.pk, by=member(ana))

    assert announce() == 1
