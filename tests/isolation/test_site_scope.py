"""What a site scope lets through: every tenant table, every way of asking."""

import uuid
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction

from exposure.models import (
    Asset,
    Authorisation,
    Conduit,
    Finding,
    Line,
    Run,
    Site,
    Zone,
)
from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import AllSites, Sited
from tenants.scope import (
    ScopeMissing,
    site_limit,
    site_scope,
    whole_workspace,
)
from tests import factories
from tests.isolation.together import together
from tests.isolation.two_sites import TwoSites
from tests.isolation.walking import OWNED


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model._meta.label)
def test_every_tenant_table_says_which_site_it_is_about(
    model: type[WorkspaceOwned],
) -> None:
    rule = model.SITE

    assert isinstance(rule, AllSites | Sited), (
        f"{model.__name__} does not say which site its rows are about: declare SITE, "
        "see tenants/models/sited.py."
    )
    if isinstance(rule, AllSites):
        assert len(rule.reason) > 20
    else:
        assert model._meta.get_field(rule.by)
        assert not rule.of or apps.get_model(rule.of)


def test_a_table_that_says_nothing_answers_nothing(
    inside: TwoSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Line, "SITE", None)
    assert Line.objects.count() == 2

    with site_scope([inside.here.pk]), pytest.raises(ScopeMissing, match="Line"):
        Line.objects.count()


@together([m for m in OWNED if isinstance(m.SITE, Sited)], name="model")
def test_the_rows_of_two_sites_and_of_none_are_all_rows(
    model: type[WorkspaceOwned], inside: TwoSites
) -> None:
    def seen(*sites: uuid.UUID) -> set[object]:
        with site_scope(sites):
            return set(model.objects.values_list("pk", flat=True))

    everything, nowhere = seen(), seen(uuid.uuid4())
    here, there = seen(inside.here.pk), seen(inside.there.pk)

    assert here & there == nowhere
    assert here | there == everything
    assert seen(inside.here.pk, inside.there.pk) == here | there


def test_scopes_only_narrow(inside: TwoSites) -> None:
    here, there = inside.here.pk, inside.there.pk

    with site_scope([here]):
        with site_scope([]):
            assert site_limit() == {here}
        with site_scope([here, there]):
            assert site_limit() == {here}
        with site_scope([there]):
            assert not Site.objects.exists()
        with whole_workspace():
            assert Site.objects.count() == 2
        assert Site.objects.get() == inside.here
    assert site_limit() is None


READERS_OF_ROWS: dict[str, Callable[[TwoSites], object]] = {
    "related manager": lambda s: s.there.line_set.count(),
    "reverse": lambda s: Asset.objects.filter(zone__site=s.there).count(),
    "count": lambda s: Finding.objects.filter(asset__site=s.there).count(),
    "exists": lambda s: Zone.objects.filter(site=s.there).exists(),
    "aggregate": lambda s: sum(
        Run.objects.filter(site=s.there).values_list("number", flat=True)
    ),
    "union": lambda s: (
        Line.objects.filter(site=s.there)
        .union(Line.objects.filter(site=s.there))
        .count()
    ),
    "update": lambda s: Line.objects.filter(site=s.there).update(name="x"),
    "lock": lambda s: len(
        Finding.objects.filter(asset__site=s.there).select_for_update()
    ),
    "in bulk": lambda s: len(
        Authorisation.objects.in_bulk([s.hidden["<uuid:authorisation>"]])
    ),
    "joined": lambda _: sum(
        row.from_zone is not None
        for row in Conduit.objects.select_related("from_zone", "to_asset")
    ),
    "joined deeper": lambda _: sum(
        getattr(row.service, "last_run", None) is not None
        for row in Finding.objects.filter(check_id="enip-open").select_related(
            "service__last_run__authorisation"
        )
    ),
    "prefetched": lambda _: sum(
        len(zone.conduits_in.all()) > 1
        for zone in Zone.objects.prefetch_related("conduits_in")
    ),
}


@together(list(READERS_OF_ROWS), name="way")
def test_no_way_of_asking_reaches_another_site(way: str, inside: TwoSites) -> None:
    with site_scope([inside.here.pk]):
        assert not READERS_OF_ROWS[way](inside)
    assert READERS_OF_ROWS[way](inside)


def test_a_finding_moves_with_its_asset(inside: TwoSites) -> None:
    finding = Finding.objects.get(pk=inside.own["finding"])

    Asset.objects.filter(pk=finding.asset_id).update(site=inside.there)

    with site_scope([inside.here.pk]):
        assert not Finding.objects.filter(pk=finding.pk).exists()
    with site_scope([inside.there.pk]):
        assert Finding.objects.get(pk=finding.pk).case.finding_id == finding.pk


def test_a_row_is_added_and_changed_at_the_own_sites_only(inside: TwoSites) -> None:
    there = Line.objects.get(site=inside.there)

    with site_scope([inside.here.pk]):
        factories.make_line(inside.here, "Filler")
        with pytest.raises(ValueError, match="sites in scope"):
            factories.make_line(inside.there, "Filler")
        there.name = "Ours"
        with (
            pytest.raises(DatabaseError, match="did not affect any rows"),
            transaction.atomic(),
        ):
            there.save(update_fields=["name"])
