"""The page of outside sources: who allows them, and what they say."""

import pytest
from django.utils import timezone

from exposure.models import Finding, ServiceElsewhere, SourceGrant
from tenants.models import User
from tests.exposure.views.conftest import MOST_QUERIES, Visit

KEY = "k3y-of-the-provider"


def told(finding: Finding, **values: object) -> None:
    service = finding.service
    now = timezone.now()
    ServiceElsewhere.objects.create(
        **{
            "site": finding.asset.site,
            "source": "shodan",
            "address": service.address,
            "port": service.port,
            "first_told": now,
            "last_told": now,
            **values,
        }
    )


def test_it_says_that_nobody_is_asked_until_the_customer_allows_it(
    visit: Visit, ida: User, finding: Finding
) -> None:
    before = visit(ida, "sources/").content.decode()
    visit(ida, "sources/consent/", post={"source": "crtsh"})
    after = visit(ida, "sources/").content.decode()

    assert "No outside source is asked" in before
    assert "1 outside source is asked" in after
    assert SourceGrant.objects.get().consented_by == ida


def test_the_provider_sets_a_key_that_no_page_shows(
    visit: Visit, ana: User, finding: Finding
) -> None:
    answer = visit(ana, "sources/key/", post={"source": "shodan", "key": KEY})
    page = visit(ana, "sources/").content.decode()

    assert answer.status_code == 302
    assert KEY not in page
    assert "Replace the key of Shodan" in page


@pytest.mark.parametrize(
    ("act", "fields"), [("consent", {}), ("withdraw", {}), ("key", {"key": KEY})]
)
def test_each_does_only_what_is_theirs(
    visit: Visit,
    ana: User,
    ida: User,
    finding: Finding,
    act: str,
    fields: dict[str, str],
) -> None:
    wrong = ida if act == "key" else ana

    assert (
        visit(wrong, f"sources/{act}/", post={"source": "shodan", **fields}).status_code
        == 403
    )
    assert not SourceGrant.objects.exists()


def test_what_others_see_stands_beside_what_we_see(
    visit: Visit, ida: User, finding: Finding
) -> None:
    told(finding, product="<b>Siemens</b>", weaknesses=["CVE-2021-23017"])
    told(finding, port=8081)

    page = visit(ida, "sources/").content.decode()

    assert "&lt;b&gt;Siemens" in page
    assert "1, by version only" in page
    assert page.count("seen too") == 1
    assert page.count("not seen") == 1


def test_a_long_list_is_paged_and_asks_the_database_little(
    visit: Visit,
    ida: User,
    finding: Finding,
    django_assert_max_num_queries: object,
) -> None:
    for port in range(1, 121):
        told(finding, port=port)
    visit(ida, "sources/")  # signs in

    with django_assert_max_num_queries(MOST_QUERIES):  # type: ignore[operator]  # a fixture
        page = visit(ida, "sources/?page=2").content.decode()

    assert "51\N{EN DASH}100 of 120" in page
