"""The contract of everything that discovers: noted once, with a trail that ends at a root."""

import datetime as dt
from itertools import pairwise

import pytest
from django.utils import timezone

from exposure.models import Holding, Sighting, Site
from exposure.services.attribution import Found, note
from exposure.services.trails import trails_of
from tenants.models import Workspace
from tests import factories
from tests.exposure.names.conftest import holding

AT = timezone.now()


@pytest.fixture
def site(in_northmill: Workspace) -> Site:
    """A plant with one signed name."""
    site = factories.make_site()
    note([Found("name", "plant.example", "scope entry", "", AT)], site=site)
    return site


def by(source: str, value: str, origin: str, *, kind: str = "name") -> Found:
    return Found(kind, value, source, origin, AT)


def test_the_same_again_changes_nothing(site: Site) -> None:
    finds = [
        by("crt.sh", "a.example", "plant.example"),
        by("address of", "192.0.2.1", "a.example", kind="address"),
        by("RDAP", "192.0.2.0/24", "192.0.2.1", kind="range"),
    ]

    first, again = note(finds, site=site), note(finds, site=site)

    assert (first.new, again.new, again.known) == (3, 0, 3)
    assert Sighting.objects.count() == Holding.objects.count() == 4
    assert holding("192.0.2.0/24").confidence == pytest.approx(0.6 * 0.8 * 0.7)


def test_a_later_look_sees_it_again_and_it_is_not_new_any_more(site: Site) -> None:
    find = by("crt.sh", "a.example", "plant.example")
    note([find], site=site)
    later = AT + dt.timedelta(days=1)

    note([Found("name", "a.example", "crt.sh", "plant.example", later)], site=site)

    row = holding("a.example")
    assert (row.state, row.first_seen, row.last_seen) == ("unchanged", AT, later)


@pytest.mark.parametrize(
    "find",
    [
        by("crt.sh", "a.example", "nobody.example"),
        by("crt.sh", "a.example", ""),
        by("crt.sh", "plant.example", "plant.example"),
        by("crt.sh", "a\x00.example", "plant.example"),
        by("crt.sh", "<b>.example", "plant.example"),
        by("crt.sh", "a" * 10_000, "plant.example"),
        by("address of", "plant.example", "plant.example", kind="address"),
        by("address of", "fe80::1%eth0", "plant.example", kind="address"),
        by("address of", "192.0.2.0/24", "plant.example", kind="address"),
        by("RDAP", "192.0.2.1", "plant.example", kind="range"),
        by("RDAP", "192.0.2.0/99", "plant.example", kind="range"),
        by("crt.sh", "a.example", "plant.example", kind="planet"),
    ],
)
def test_what_hangs_on_nothing_or_is_nothing_is_refused(
    site: Site, find: Found
) -> None:
    noted = note([find], site=site)

    assert (noted.new, noted.refused) == (0, 1)
    assert Holding.objects.count() == 1


def test_a_trail_has_five_hops_and_no_more(site: Site) -> None:
    chain = ["plant.example", *(f"n{number}.example" for number in range(6))]

    noted = note(
        [by("CNAME of", after, before) for before, after in pairwise(chain)],
        site=site,
    )

    assert (noted.new, noted.refused) == (4, 2)
    (trail,) = trails_of([holding("n3.example")])[holding("n3.example").pk]
    assert [hop.value for hop in trail] == chain[:5]


def test_names_that_lead_to_each_other_make_no_circle(site: Site) -> None:
    circle = [
        by("CNAME of", "a.example", "plant.example"),
        by("CNAME of", "b.example", "a.example"),
        by("CNAME of", "a.example", "b.example"),
        by("CNAME of", "plant.example", "b.example"),
    ]

    for _ in range(3):
        note(circle, site=site)

    for row in Holding.objects.all():
        for trail in trails_of([row])[row.pk]:
            assert trail[0].source == "scope entry"
            assert len({hop.key for hop in trail}) == len(trail)


def test_a_shorter_way_takes_the_place_of_a_longer_one(site: Site) -> None:
    note(
        [
            by("CNAME of", "a.example", "plant.example"),
            by("CNAME of", "b.example", "a.example"),
            by("CNAME of", "c.example", "b.example"),
        ],
        site=site,
    )

    note(
        [
            Found("name", "b.example", "scope entry", "", AT),
            by("CNAME of", "c.example", "b.example"),
        ],
        site=site,
    )

    assert holding("c.example").confidence == pytest.approx(0.6)
    assert Sighting.objects.filter(holding__value="c.example").count() == 1


def test_what_a_source_says_beside_it_is_made_harmless(site: Site) -> None:
    note(
        [
            Found(
                "name", "a.example", "crt.sh", "plant.example", AT, "x\x00\u202ey" * 500
            )
        ],
        site=site,
    )

    detail = Sighting.objects.get(holding__value="a.example").detail
    assert len(detail) <= 300
    assert "\x00" not in detail
    assert "\u202e" not in detail
