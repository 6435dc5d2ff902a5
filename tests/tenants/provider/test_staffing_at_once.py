"""Two administrators at the same moment: somebody always leads, and nobody slips in."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connections

from common.errors import DomainError, NotAllowed
from tenants.models import Membership, Provider, ProviderRole, Staff, User, Workspace
from tenants.services import people, staffing
from tests.tenants.provider.conftest import employ, post_of


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do some things in parallel; return what each came to."""
    barrier, out = threading.Barrier(len(acts)), list[object]()

    def do(act: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=10)
            out.append(act())
        except (DomainError, Staff.DoesNotExist) as error:
            out.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return out


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_administrators_who_remove_each_other_leave_one(
    petra: User, northgate: Provider
) -> None:
    paul = employ(northgate, "Paul Birk", ProviderRole.ADMIN)
    one, other = post_of(petra), post_of(paul)

    found = at_once(
        lambda: staffing.remove(other.pk, by=one),
        lambda: staffing.remove(one.pk, by=other),
    )

    assert Staff.objects.filter(role=ProviderRole.ADMIN).count() == 1
    assert sorted(isinstance(each, NotAllowed) for each in found) == [False, True]
    connections["default"].close()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_nobody_is_let_in_while_being_let_go(
    petra: User, mia: User, ana: User, eastholm: Workspace
) -> None:
    boss, manager, row = post_of(petra), post_of(mia), post_of(ana)

    at_once(
        lambda: staffing.remove(row.pk, by=boss),
        lambda: people.open_access(
            eastholm,
            to=ana,
            role="analyst",
            time=dt.timedelta(days=1),
            reason="Alarm 12.",
            by=manager,
        ),
    )

    assert not Staff.objects.filter(user=ana).exists()
    assert not Membership.objects.filter(user=ana).exists()
    connections["default"].close()
