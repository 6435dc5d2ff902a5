"""The page of one revision: counted again by whoever doubts it, and taken away."""

from pytest_django import DjangoAssertNumQueries, Settings

from common.ids import uuid7
from exposure.models import Line, PathRevision
from exposure.services import rechecks
from tenants.models import Job, LedgerEntry, Membership, Role, User, Workspace
from tests import factories
from tests.exposure.views.conftest import MOST_QUERIES, Visit

PAGE = "paths/history/1/"


def said(visit: Visit, user: User, number: int = 1) -> str:
    """What the page says after the check."""
    act = f"paths/history/{number}/check/"
    assert visit(user, act, post={}).status_code == 302
    factories.commit()
    page: str = visit(user, f"paths/history/{number}/").content.decode()
    return page


def another(**changed: bytes | None) -> None:
    """Store revision 1 once more with something changed; a stored one never changes."""
    row = PathRevision.objects.get()
    row.pk, row.number = uuid7(), 2
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def test_a_check_says_the_same_bits_and_the_ledger_says_who_asked(
    visit: Visit, otto: User, paths: Line
) -> None:
    before = visit(otto, PAGE).content.decode()

    page = said(visit, otto)

    digest, _ = rechecks.graph_of(1) or ("", 0)
    assert "Nobody has checked it yet." in before
    assert f"Graph SHA-256 {digest}" in page
    assert "Revision 1: the same bits." in page
    assert "compiles to the same graph" in page
    assert "Last check" in page
    entry = LedgerEntry.objects.get(action="paths.checked")
    assert (entry.object_ref, entry.actor_id) == ("revision 1", otto.pk)


def test_a_figure_that_somebody_changed_is_named(
    visit: Visit, otto: User, paths: Line
) -> None:
    stored = bytes(PathRevision.objects.get().result)
    another(result=stored.replace(b'"reach":1', b'"reach":0.5', 1))

    page = said(visit, otto, 2)

    assert "does not come out the same" in page
    assert "reach 0.5 is stored, 1.0 is counted" in page


def test_a_very_large_one_is_checked_by_a_job(
    visit: Visit, otto: User, paths: Line, monkeypatch
) -> None:
    monkeypatch.setattr(rechecks, "AT_ONCE", 1)

    page = said(visit, otto)

    job = Job.objects.get(task="exposure.check_revision")
    assert "is being checked" in page
    assert job.args == {"number": 1, "by": str(otto.pk)}
    found = rechecks.check_now(1, by=otto)
    assert found.same


def test_one_that_has_no_graph_says_so(visit: Visit, otto: User, paths: Line) -> None:
    another(graph=None)

    page = said(visit, otto, 2)

    assert "stored before its graph was kept" in page
    assert visit(otto, "paths/history/2/graph.graphml", post={}).status_code == 302


def test_the_graph_is_a_file_that_no_cache_keeps(
    visit: Visit, otto: User, paths: Line
) -> None:
    response = visit(otto, f"{PAGE}graph.graphml", post={})
    factories.commit()

    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/graphml+xml")
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"] == (
        'attachment; filename="northmill-paths-1.graphml"'
    )
    assert b"loss of Filler 1" in response.content
    assert LedgerEntry.objects.filter(action="paths.graph_taken").count() == 1


def test_it_is_for_readers_of_all_sites(
    visit: Visit, otto: User, paths: Line, northmill: Workspace
) -> None:
    Membership.objects.filter(user=otto).update(site_ids=[paths.site_id])

    page = visit(otto, PAGE).content.decode()
    codes = [
        visit(otto, f"{PAGE}graph.graphml", post={}).status_code,
        visit(otto, f"{PAGE}check/", post={}).status_code,
    ]

    assert codes == [403, 403]
    assert "graph.graphml" not in page
    assert "Whoever sees all sites may have it checked." in page


def test_a_portal_user_reads_history_and_takes_nothing_away(
    visit: Visit, northmill: Workspace, paths: Line
) -> None:
    visitor = factories.make_user("pia@northmill.example", "Pia Portal")
    factories.make_member(northmill, visitor, role=Role.PORTAL)

    assert visit(visitor, "paths/history/").status_code == 200
    assert visit(visitor, f"{PAGE}graph.graphml", post={}).status_code == 403


def test_the_history_leads_to_it_and_one_that_is_not_there_is_not_found(
    visit: Visit, otto: User, paths: Line
) -> None:
    assert f"/w/northmill/{PAGE}" in visit(otto, "paths/history/").content.decode()
    assert visit(otto, "paths/history/77/").status_code == 404
    assert visit(otto, "paths/history/77/check/", post={}).status_code == 404
    assert visit(otto, "paths/history/77/graph.graphml", post={}).status_code == 404


def test_it_asks_the_database_little(
    visit: Visit,
    otto: User,
    paths: Line,
    settings: Settings,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    said(visit, otto)

    with django_assert_max_num_queries(MOST_QUERIES):
        visit(otto, PAGE)
