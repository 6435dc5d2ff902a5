"""What takes too long for a page is counted by a job; the page waits, and says so."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

import exposure.tasks  # noqa: F401 - fills the registry
from exposure.models import Asset, Finding, Line
from exposure.services import counting, onward, path_counts, rebuild
from exposure.services import paths as answers
from exposure.services.counting import BeingCounted, NotCounted, Question
from tenants.models import Membership, User
from tenants.models.jobs import Job
from tenants.scope import site_scope
from tenants.work import REGISTRY
from tests import factories
from tests.exposure.views.conftest import Visit

WAITS = "These figures are being counted"


@pytest.fixture
def large(paths: Line, monkeypatch: pytest.MonkeyPatch) -> Line:
    """The same plant, as if it were too large for a page."""
    monkeypatch.setattr(answers, "AT_ONCE", 0)
    monkeypatch.setattr(onward, "AT_ONCE", 0)
    # Another site, so that there is something not to be seen.
    site = factories.make_site("Ridgemoor")
    zone = factories.make_zone(site, "Secret press")
    line = factories.make_line(site, "Secret stamping")
    factories.make_asset(zone, "PLC-SECRET", line=line, sends_packets=False)
    rebuild.rebuild_paths()
    cache.clear()
    return paths


def waiting() -> list[Job]:
    return list(Job.objects.filter(task=counting.TASK).order_by("pk"))


def work() -> None:
    """Do what waits, as a worker does."""
    for job in waiting():
        REGISTRY[job.task].work(**job.args)
        job.delete()


def limit(user: User, line: Line) -> None:
    Membership.objects.filter(user=user).update(site_ids=[line.site_id])


@pytest.mark.parametrize("page", ["paths/", "paths/what-if/", "paths/to/{line}/"])
def test_a_page_that_counts_in_another_way_waits_for_a_job(
    visit: Visit, otto: User, large: Line, page: str
) -> None:
    where = f"{page.format(line=large.pk)}?grade=evidenced"

    first, again = visit(otto, where), visit(otto, where)
    asked = len(waiting())
    work()
    then = visit(otto, where)

    assert WAITS in first.content.decode()
    assert WAITS in again.content.decode()
    assert asked == 1
    assert then.status_code == 200
    assert WAITS not in then.content.decode()
    assert not waiting()


def test_what_the_job_counts_is_what_a_page_would_have(
    otto: User, large: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BeingCounted):
        answers.latest(answers.EVIDENCED)
    work()
    by_job = answers.latest(answers.EVIDENCED)
    revision = answers.newest_revision()
    assert by_job is not None
    assert revision is not None

    at_once = answers.count_view(
        Question(revision.pk, None, answers.EVIDENCED), *answers.whole_of(revision.pk)
    )

    assert by_job.analysis == at_once


def test_the_page_that_waits_is_loaded_anew_when_there_is_an_answer(
    otto: User, large: Line
) -> None:
    client = factories.signed_in(Client(), otto)
    poll = {"HX-Request": "true", "HX-Target": "counting"}
    where = "/w/northmill/paths/?grade=phishing"

    before = client.get(where, headers=poll)
    work()
    after = client.get(where, headers=poll)

    assert 'id="counting"' in before.content.decode()
    assert "<html" not in before.content.decode()
    assert "HX-Refresh" not in before.headers
    assert after.headers["HX-Refresh"] == "true"


def test_what_is_kept_for_a_reader_of_one_site_names_no_other_site(
    visit: Visit, otto: User, ida: User, large: Line
) -> None:
    limit(otto, large)

    waits = visit(otto, "paths/")
    whole = visit(ida, "paths/")
    work()
    own = visit(otto, "paths/")

    with site_scope([large.site_id]):
        sight = answers.sight_here()
    newest = answers.newest_revision()
    assert newest is not None
    kept = counting.answer_to(Question(newest.pk, sight)).decode()
    assert WAITS in waits.content.decode()
    assert WAITS not in whole.content.decode()  # that is the revision itself
    assert "Filler 1" in own.content.decode()
    assert "Filler 1" in kept
    assert "secret" not in kept.lower()
    assert "secret" not in own.content.decode().lower()


def test_whoever_sees_no_site_gets_no_other_answer(large: Line) -> None:
    nowhere = uuid.uuid4()
    with site_scope([large.site_id]), site_scope([nowhere]):
        with pytest.raises(BeingCounted):
            answers.latest()
        work()

        answer = answers.latest()

    assert answer is not None
    assert answer.analysis.lines == ()


def test_what_follows_from_an_asset_is_counted_by_a_job_too(
    visit: Visit, otto: User, large: Line
) -> None:
    Finding.objects.filter(check_id="hmi-no-login").update(grade="E2")
    rebuild.rebuild_paths()
    where = f"paths/from/{Asset.objects.get(name='HMI-F1').pk}/"

    waits = visit(otto, where)
    work()
    page = visit(otto, where)

    assert WAITS in waits.content.decode()
    assert [row.name for row in page.context["onward"].assets] == ["PLC-F11"]


def test_a_reader_of_one_site_waits_once_for_what_follows(
    visit: Visit, otto: User, large: Line
) -> None:
    limit(otto, large)
    where = f"paths/from/{Asset.objects.get(name='HMI-F1').pk}/?grade=evidenced"

    for _ in range(2):  # the way to count, then the asset
        assert WAITS in visit(otto, where).content.decode()
        work()

    assert WAITS not in visit(otto, where).content.decode()


def test_other_pages_of_a_reader_of_one_site_show_what_is_known(
    visit: Visit, otto: User, large: Line
) -> None:
    limit(otto, large)
    finding = Finding.objects.get(check_id="hmi-no-login")

    today = visit(otto, "").content.decode()
    about = visit(otto, f"exposures/{finding.ref}/")

    assert "Filler 1" in today
    assert "Secret" not in today
    assert "The figures are being counted" in today
    assert "The figures are being counted" in about.content.decode()
    assert "No way from the internet" not in about.content.decode()


def test_a_job_that_comes_too_late_or_is_out_of_date_does_nothing(large: Line) -> None:
    newest = answers.newest_revision()
    assert newest is not None
    question = Question(newest.pk, None, answers.EVIDENCED)
    soon = (timezone.now() + dt.timedelta(minutes=1)).isoformat()
    asked: dict[str, Any] = {"sites": None, "counted": answers.EVIDENCED, "asset": ""}

    path_counts.count(newest.pk, until="2020-01-01T00:00:00+00:00", **asked)
    late = counting.is_answered(question)
    Finding.objects.filter(check_id="hmi-no-login").update(grade="E2")
    rebuild.rebuild_paths()
    path_counts.count(newest.pk, until=soon, **asked)

    assert not late
    assert not counting.is_answered(question)


def test_a_job_that_is_given_up_says_so_on_the_page(
    visit: Visit, otto: User, large: Line
) -> None:
    visit(otto, "paths/?grade=evidenced")
    (job,) = waiting()
    on_dead = REGISTRY[job.task].on_dead
    assert on_dead is not None

    on_dead(**job.args)

    page = visit(otto, "paths/?grade=evidenced").content.decode()
    assert counting.GIVEN_UP in page
    assert "hx-get" not in page.partition('id="counting"')[2].partition(">")[0]


def test_an_answer_that_is_too_big_or_of_another_workspace_is_none(
    large: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = Question(uuid.uuid4())
    other = Question(uuid.uuid4())
    monkeypatch.setattr(counting, "MOST_BYTES", 0)

    counting.keep(question, b"{}")
    monkeypatch.undo()
    counting.keep(other, b"{}")
    kept = {"workspace": str(uuid.uuid4()), "answer": b""}
    cache.set(counting._key(other.name), kept)

    with pytest.raises(NotCounted, match="too big"):
        counting.answer_to(question)
    assert not counting.is_answered(other)
