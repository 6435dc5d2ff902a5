"""The page about what changes cost: read by all, edited in place by owners."""

import pytest
from pytest_django import DjangoAssertNumQueries

from exposure.models import ChangeCost, Finding, Line
from exposure.services.change_offers import offers
from exposure.views.cost_rows import token_of
from tenants.models import User
from tests.exposure.views.conftest import MOST_QUERIES, Visit


@pytest.fixture
def fix(paths: Line) -> str:
    """Fixing PLC-P21."""
    pk = Finding.objects.get(asset__name="PLC-P21").pk
    return f"patch:finding:{pk}"


def fields(change: str, **values: object) -> dict[str, object]:
    return {f"{token_of(change)}-{name}": each for name, each in values.items()}


def test_it_lists_every_change_beside_the_table(
    visit: Visit,
    otto: User,
    fix: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    visit(otto, "plans/costs/")  # signs in

    with django_assert_max_num_queries(MOST_QUERIES):
        page = visit(otto, "plans/costs/")

    text = page.content.decode()
    assert page.context["page"].paginator.count == len(offers())
    assert "Fix SL-1 on PLC-P21" in text
    assert "8 h of work" in text
    assert "Pasteuriser 2 stands still 4 h" in text


def test_an_owner_says_it_in_place_and_takes_it_back(
    visit: Visit, otto: User, fix: str
) -> None:
    where = f"plans/costs/{fix}/"
    form = visit(otto, where, htmx=True).content.decode()
    assert form.lstrip().startswith("<tr")
    assert "autofocus" in form

    row = visit(
        otto,
        f"{where}say/",
        post=fields(fix, hours="2.5", downtime="Pasteuriser 2: 1.5", leaves="10"),
        htmx=True,
    ).content.decode()

    assert row.lstrip().startswith("<tr")
    assert "<form" not in row
    assert "2.50 h of work" in row
    assert "Otto" in row
    assert "(OT)" in row
    said = ChangeCost.objects.get()
    assert (said.hours, said.keep) == (2.5, 0.1)
    only = visit(otto, "plans/costs/?view=said&q=plc-p21&kind=patch")
    assert [each.id for each in only.context["rows"]] == [fix]
    again = visit(otto, where).context["form"]
    assert again.initial["downtime"] == "Pasteuriser 2: 1.5"

    gone = visit(otto, f"{where}reset/", post={}, htmx=True).content.decode()
    assert "nothing yet" in gone
    assert not ChangeCost.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours", "nan"),
        ("hours", "inf"),
        ("hours", "-1"),
        ("hours", "1e400"),
        ("hours", "<script>"),
        ("leaves", "101"),
        ("downtime", "Pasteuriser 2"),
        ("downtime", "Pasteuriser 2: nan"),
        ("downtime", "Pasteuriser 2: -1"),
        ("downtime", "Pasteuriser 2: 1e9"),
        ("downtime", "Pasteuriser 2: 1\nPasteuriser 2: 2"),
        ("downtime", "Pasteuriser 2: 999999999"),
        ("downtime", "\n".join(f"L{n}: 1" for n in range(201))),
        ("downtime", "<b>: 1"),
        ("needs", "<script>alert(1)</script>"),
        ("needs", "x\x00"),
        ("cannot", "c" * 201),
    ],
)
def test_what_is_none_comes_back_to_its_field(
    visit: Visit, otto: User, fix: str, field: str, value: str
) -> None:
    page = visit(otto, f"plans/costs/{fix}/say/", post=fields(fix, **{field: value}))

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert "<script>alert" not in page.content.decode()
    assert not ChangeCost.objects.exists()


def test_who_is_no_owner_reads_without_a_form(
    visit: Visit, ana: User, otto: User, fix: str
) -> None:
    visit(otto, f"plans/costs/{fix}/say/", post=fields(fix, cannot="It is <sealed>."))

    page = visit(ana, f"plans/costs/{fix}/").content.decode()

    assert "Cannot be made here" in page
    assert "It is &lt;sealed&gt;." in page
    assert "<textarea" not in page
    assert visit(ana, f"plans/costs/{fix}/say/", post={}).status_code == 403
    assert visit(ana, "plans/costs/patch:finding:nobody/").status_code == 404
    assert "Edit" not in visit(ana, "plans/costs/").content.decode()


def test_what_was_said_of_a_change_that_is_gone_can_be_taken_back(
    visit: Visit, otto: User, fix: str
) -> None:
    visit(otto, f"plans/costs/{fix}/say/", post=fields(fix, hours="1"))
    ChangeCost.objects.update(change="patch:finding:gone", label="Fix SL-9 on X")

    page = visit(otto, "plans/costs/").content.decode()
    done = visit(otto, "plans/costs/patch:finding:gone/reset/", post={})

    assert "Fix SL-9 on X" in page
    assert done.status_code == 302
    assert not ChangeCost.objects.exists()
