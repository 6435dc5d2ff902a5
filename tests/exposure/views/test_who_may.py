"""Who may see and do what on the pages of exposure."""

import pytest

from exposure.models import (
    Authorisation,
    Finding,
    NameSearch,
    Run,
    RunState,
    Schedule,
    SearchState,
)
from exposure.urls import urlpatterns
from tenants.models import Membership, Role, User, Workspace
from tests import factories
from tests.accesses import make_credential, make_vendor_access
from tests.controls import make_control
from tests.exposure.views.addresses import address
from tests.exposure.views.conftest import Visit
from tests.holdings import make_holding

PAGES = [
    "paths/",
    "paths/method/",
    "paths/history/",
    "paths/history/{revision}/",
    "paths/from/{asset}/",
    "paths/to/{line}/",
    "paths/what-if/",
    "plans/",
    "plans/{made}/",
    "plans/compare/",
    "plans/costs/",
    "plans/costs/{change}/",
    "plant/",
    "runs/",
    "runs/1/",
    "runs/1/live/",
    "runs/1/ledger.csv",
    "sent/",
    "sent/ledger.csv",
    "scope/",
    "sources/",
    "scope/{scope}/",
    "scope/{scope}/hours/",
    "scope/{scope}/ownership/",
    "stop/",
    "drift/",
    "schedules/",
    "schedules/{schedule}/",
    "vantages/",
    "names/",
    "names/{holding}/",
    "access/",
    "access/credentials/{credential}/",
    "access/vendors/{vendor}/",
    "controls/",
    "controls/{control}/",
]
ACTS = [
    "runs/start/",
    "runs/1/stop/",
    "sources/ask/",
    "sources/consent/",
    "sources/withdraw/",
    "sources/key/",
    "scope/{scope}/entries/add/",
    "scope/{scope}/exclusions/add/",
    "scope/{scope}/sign/",
    "scope/create/",
    "scope/exclusions/{nowhere}/lift/",
    "scope/{scope}/terms/",
    "scope/{scope}/consents/withdraw/",
    "scope/{scope}/hours/add/",
    "scope/{scope}/hours/{nowhere}/remove/",
    "scope/{scope}/hours/zone/",
    "scope/{scope}/blackouts/add/",
    "scope/{scope}/blackouts/import/",
    "scope/{scope}/blackouts/{nowhere}/lift/",
    "scope/{scope}/entries/{nowhere}/prove/",
    "scope/{scope}/letters/add/",
    "scope/{scope}/letters/{nowhere}/approve/",
    "stop/order/",
    "stop/{nowhere}/lift/",
    "runs/1/pause/",
    "runs/1/resume/",
    "schedules/add/",
    "schedules/{schedule}/change/",
    "schedules/{schedule}/switch/",
    "vantages/add/",
    "vantages/{vantage}/rename/",
    "vantages/{vantage}/retire/",
    "scope/{scope}/inside/",
    "names/look/",
    "names/searches/{search}/stop/",
    "names/{holding}/answer/",
    "names/{holding}/add/",
    "access/credentials/add/",
    "access/credentials/{credential}/change/",
    "access/credentials/{credential}/remove/",
    "access/vendors/add/",
    "access/vendors/{vendor}/change/",
    "access/vendors/{vendor}/remove/",
    "controls/add/",
    "controls/{control}/test/",
    "controls/{control}/retire/",
    "plans/make/",
    "plans/{made}/stop/",
    "plans/{made}/keep/",
    "plans/windows/add/",
    "plans/windows/{nowhere}/remove/",
    "plans/costs/{change}/say/",
    "plans/costs/{change}/reset/",
]
# Whoever reads may also doubt: acts of all who see the whole plant.
REPRODUCING = {
    "paths/history/{revision}/check/": 302,
    "paths/history/{revision}/graph.graphml": 200,
}
OPERATING = [
    "runs/start/",
    "scope/create/",
    "scope/{scope}/terms/",
    "scope/{scope}/entries/add/",
    "runs/1/resume/",
    "schedules/add/",
    "schedules/{schedule}/change/",
    "schedules/{schedule}/switch/",
    "vantages/add/",
    "vantages/{vantage}/rename/",
    "vantages/{vantage}/retire/",
    "scope/{scope}/inside/",
    "access/credentials/add/",
    "access/credentials/{credential}/change/",
    "access/credentials/{credential}/remove/",
    "access/vendors/add/",
    "access/vendors/{vendor}/change/",
    "access/vendors/{vendor}/remove/",
]


@pytest.fixture(autouse=True)
def plan(finding: Finding) -> Schedule:
    """Northmill's site has a schedule."""
    return factories.make_schedule(Authorisation.objects.get())


@pytest.fixture
def auditor(northmill: Workspace) -> User:
    """Somebody who reads and does nothing."""
    user = factories.make_user("rita@northmill.example", "Rita Sand")
    factories.make_member(northmill, user, role=Role.AUDITOR)
    return user


@pytest.fixture(autouse=True)
def looked_up(finding: Finding) -> None:
    """A name was found by a search that has ended, and it is known who signs in."""
    authorisation = Authorisation.objects.get()
    make_holding(authorisation.site, "vpn.northmill.example")
    make_credential(authorisation.site, opens=(finding.asset,))
    make_vendor_access(authorisation.site, to_asset=finding.asset)
    make_control(finding, owner=Membership.objects.filter(role="owner").earliest("pk"))
    NameSearch.objects.create(
        site=authorisation.site,
        authorisation=authorisation,
        state=SearchState.FINISHED,
    )


def test_every_route_is_either_a_page_or_an_act() -> None:
    assert len(urlpatterns) == len(PAGES) + len(ACTS) + len(REPRODUCING)


def test_an_auditor_counts_a_revision_again_and_a_stranger_does_not(
    visit: Visit, auditor: User, mallory: User
) -> None:
    for where, code in REPRODUCING.items():
        act = address(where)

        assert visit(mallory, act, post={}).status_code == 404
        assert visit(auditor, act).status_code == 405
        assert visit(auditor, act, post={}).status_code == code


@pytest.mark.parametrize("where", PAGES)
def test_every_member_reads(
    visit: Visit, auditor: User, finding: Finding, where: str
) -> None:
    assert visit(auditor, address(where)).status_code == 200


@pytest.mark.parametrize("where", [*PAGES, *ACTS])
def test_a_stranger_learns_nothing(
    visit: Visit, mallory: User, finding: Finding, where: str
) -> None:
    post: dict[str, str] | None = {} if where in ACTS else None

    assert visit(mallory, address(where), post=post).status_code == 404


@pytest.mark.parametrize("where", [*PAGES, *ACTS])
def test_nobody_in_particular_is_asked_to_sign_in(
    visit: Visit, finding: Finding, where: str
) -> None:
    post: dict[str, str] | None = {} if where in ACTS else None

    response = visit(None, address(where), post=post)

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("act", ACTS)
def test_who_lacks_the_right_is_told_which(
    visit: Visit, auditor: User, finding: Finding, act: str
) -> None:
    response = visit(auditor, address(act), post={})

    assert response.status_code == 403
    assert "Your role may not" in response.content.decode()


@pytest.mark.parametrize("act", OPERATING)
def test_the_customer_does_not_operate(
    visit: Visit, otto: User, finding: Finding, act: str
) -> None:
    assert visit(otto, address(act), post={}).status_code == 403


def test_the_customer_takes_away_what_it_likes(
    visit: Visit, otto: User, finding: Finding
) -> None:
    for act in ("scope/{scope}/exclusions/add/", "scope/{scope}/blackouts/add/"):
        assert visit(otto, address(act), post={}).status_code == 422


@pytest.mark.parametrize(
    "act",
    [
        "scope/exclusions/{nowhere}/lift/",
        "scope/{scope}/blackouts/{nowhere}/lift/",
        "scope/{scope}/consents/withdraw/",
        "scope/{scope}/letters/{nowhere}/approve/",
    ],
)
def test_the_provider_gives_nothing_back(
    visit: Visit, ana: User, finding: Finding, act: str
) -> None:
    assert visit(ana, address(act), post={}).status_code == 403


def test_the_provider_does_not_sign(visit: Visit, ana: User, finding: Finding) -> None:
    assert visit(ana, address(ACTS[4]), post={"agreed": "on"}).status_code == 403


@pytest.mark.parametrize("act", ACTS)
def test_looking_at_an_act_does_nothing(
    visit: Visit, ana: User, finding: Finding, act: str
) -> None:
    path = address(act)
    Run.objects.update(state=RunState.RUNNING)

    response = visit(ana, path)

    assert response.status_code == 405
    assert Run.objects.get().stop_requested_at is None
    assert Run.objects.count() == 1


@pytest.mark.parametrize("where", PAGES)
def test_posting_to_a_page_does_nothing(
    visit: Visit, ana: User, finding: Finding, where: str
) -> None:
    assert visit(ana, address(where), post={}).status_code == 405
