"""Every address of a workspace, as members whose scope is another site of the same one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tenants.models import Membership, Role
from tenants.rights import LOOKING, WHOLE_WORKSPACE, Right
from tests import factories
from tests.isolation.conftest import Place
from tests.isolation.together import together
from tests.isolation.two_sites import Reader, TwoSites
from tests.isolation.walking import (
    HTMX,
    Address,
    answers,
    ask,
    changed,
    every_workspace_address,
    picture,
)

ADDRESSES = every_workspace_address()
# Behind these parameters stands a row of one site; people and channels are of none.
OF_A_SITE = {
    "<str:change>",
    "<uuid:line>",
    "<str:ref>",
    "<int:number>",
    "<uuid:decision_id>",
    "<uuid:asset>",
    "<uuid:control>",
    "<uuid:authorisation>",
    "<uuid:file_id>",
    "<uuid:holding>",
    "<uuid:name_search>",
}
BELOW_A_SITE = [each for each in ADDRESSES if OF_A_SITE & {*each.parameters}]
STAYING = [each for each in ADDRESSES if each.right != Right.LEAVE]
OK, STOP_ASKING, FORBIDDEN, NOT_FOUND, NOT_ALLOWED = 200, 286, 403, 404, 405

WAYS_IN = ({}, HTMX)
# A piece is a part of the page, cut after the rows were chosen; two roles read both.
PIECES_ARE_READ_BY = 2

each_address_of_a_site = together(BELOW_A_SITE)
each_page = together([each for each in ADDRESSES if each.right in LOOKING])
each_act = together([each for each in STAYING if each.right not in LOOKING])


# Pages that show a way which leads over the other site's panel.
THROUGH = ("paths/?way=1", "exposures/SL-4/", "plant/")


def told(response: Any) -> str:
    """Return everything that was answered: headers, and text or file."""
    return f"{dict(response.headers)} {response.content.decode()}"


def everybody(sites: TwoSites) -> Iterator[Reader]:
    assert len(sites.readers) == len(Role) + 2
    yield from sites.readers


def test_there_are_rows_of_sites_to_ask_for() -> None:
    assert len(BELOW_A_SITE) > 10
    assert {Right.READ, Right.SIGN, Right.OPERATE} <= {e.right for e in BELOW_A_SITE}


@each_address_of_a_site
def test_what_belongs_to_another_site_is_not_found(
    address: Address, two_sites: TwoSites
) -> None:
    path = address.at("northmill", two_sites.hidden)
    before = picture(two_sites.workspace)

    for number, reader in enumerate(everybody(two_sites)):
        found = answers(reader.user, path, number=number)

        # Method and role are looked at before anything is looked for.
        codes = {each.status_code for each in found}
        assert codes <= {NOT_FOUND, NOT_ALLOWED, FORBIDDEN}, reader
        if address.right in LOOKING:
            assert codes == {NOT_FOUND, NOT_ALLOWED}, reader
        for each in found:
            assert not two_sites.secrets.search(told(each)), reader
    assert changed(before, picture(two_sites.workspace)) == set()


@each_address_of_a_site
def test_it_is_answered_like_what_is_not_there(
    address: Address, two_sites: TwoSites
) -> None:
    nowhere = {
        **two_sites.hidden,
        "<str:ref>": "SL-404",
        "<int:number>": 404,
        "<uuid:line>": two_sites.there.workspace_id,
        "<str:change>": f"patch:finding:{two_sites.there.workspace_id}",
        "<uuid:decision_id>": two_sites.there.workspace_id,
        "<uuid:asset>": two_sites.there.workspace_id,
        "<uuid:authorisation>": two_sites.there.workspace_id,
        "<uuid:file_id>": two_sites.there.workspace_id,
    }

    for reader in two_sites.readers[:3]:
        hidden = answers(reader.user, address.at("northmill", two_sites.hidden))
        missing = answers(reader.user, address.at("northmill", nowhere))
        assert [(r.status_code, r.content) for r in hidden] == [
            (r.status_code, r.content) for r in missing
        ], reader


@each_page
def test_no_page_and_no_file_tells_of_another_site(
    address: Address, two_sites: TwoSites
) -> None:
    path = address.at("northmill", two_sites.own)
    before = picture(two_sites.workspace)

    for number, reader in enumerate(everybody(two_sites)):
        for headers in WAYS_IN if number < PIECES_ARE_READ_BY else WAYS_IN[:1]:
            response = ask(reader.user, "get", path, headers=headers)

            # The ledger is one chain, so its file is for those who read all of it.
            whole = address.name == "ledger-export"
            codes = {FORBIDDEN} if whole else {OK, STOP_ASKING}
            assert response.status_code in codes, reader
            found = two_sites.secrets.search(told(response))
            assert found is None, f"{reader} reads {found}"
    assert changed(before, picture(two_sites.workspace)) == set()


@each_act
def test_no_answer_to_an_act_tells_of_another_site(
    address: Address, two_sites: TwoSites
) -> None:
    """Forms are sent with every id of the other site that they could name."""
    path = address.at("northmill", two_sites.own)
    fields = {
        "authorisation": two_sites.hidden["<uuid:authorisation>"],
        "vantage": two_sites.hidden["vantage"],
        "sites": str(two_sites.there.pk),
        "site": str(two_sites.there.pk),
        "value": "127.77.1.99",
        "email": "somebody@northmill.example",
        "role": "portal",
    }

    for number, reader in enumerate(everybody(two_sites)):
        for headers in WAYS_IN if number < PIECES_ARE_READ_BY else WAYS_IN[:1]:
            response = ask(reader.user, "post", path, fields, headers=headers)
            # A form says which choice is none: the id that was sent.
            said = told(response).replace(str(two_sites.there.pk), "")
            found = two_sites.secrets.search(said)
            assert found is None, f"{reader} reads {found}"
        if address.right in WHOLE_WORKSPACE:
            assert response.status_code == FORBIDDEN, reader


@pytest.mark.parametrize(
    "asked",
    [
        "exposures/?q=Ridge",
        "exposures/?q=2",
        "exposures/?view=closed",
        "exposures/?view=decided",
        "exposures/?view=needs-it&q=ridge",
        "ledger/?action=decision",
        "notifications/?page=2",
        "paths/?grade=evidenced&way=1",
        "runs/?page=2",
    ],
)
def test_no_search_and_no_choice_finds_another_site(
    asked: str, two_sites: TwoSites
) -> None:
    for reader in two_sites.readers[:2]:
        response = ask(reader.user, "get", f"/w/northmill/{asked}")
        assert response.status_code == OK
        assert not two_sites.secrets.search(told(response)), reader


def test_the_line_of_another_site_cannot_be_chosen(two_sites: TwoSites) -> None:
    path = f"/w/northmill/paths/?line={two_sites.hidden['line']}"

    chosen = ask(two_sites.readers[0].user, "get", path)
    other = ask(two_sites.readers[0].user, "get", "/w/northmill/paths/?line=none")

    assert chosen.context["chosen"] == other.context["chosen"]
    assert "Ridgemoor" not in chosen.content.decode()


def test_a_way_through_another_site_is_shown_without_its_names(
    two_sites: TwoSites,
) -> None:
    reader = two_sites.readers[0].user
    pages = [ask(reader, "get", f"/w/northmill/{each}") for each in THROUGH]

    for page in pages:
        assert "another site" in page.content.decode().lower()
        assert not two_sites.secrets.search(told(page))


def test_the_numbers_are_of_the_own_site(two_sites: TwoSites) -> None:
    reader = two_sites.readers[0].user
    own = ask(reader, "get", "/w/northmill/")
    two_sites.limit()
    both = ask(reader, "get", "/w/northmill/")

    lines = [row.units for row in both.context["lines"]]
    mine = [row.units for row in own.context["lines"]]
    assert (len(lines), len(mine)) == (2, 1)
    # The same worlds: a line is reached as often whoever asks.
    assert mine[0] in lines
    assert own.context["exposure"].now == pytest.approx(mine[0])
    assert both.context["exposure"].now == pytest.approx(sum(lines))
    menu = [each.context["nav"] for each in (own, both)]
    assert [(each["path_count"], each["asset_count"]) for each in menu] == [
        (1, 1),
        (2, 3),
    ]
    assert menu[0]["exposure_count"] == 2
    assert menu[1]["exposure_count"] == 4


@each_address_of_a_site
def test_without_a_limit_both_sites_are_there(
    address: Address, two_sites: TwoSites
) -> None:
    two_sites.limit()

    for rows in (two_sites.own, two_sites.hidden):
        path = address.at("northmill", rows)
        for reader in everybody(two_sites):
            with transaction.atomic():
                codes = {ask(reader.user, e, path).status_code for e in ("get", "post")}
                transaction.set_rollback(True)  # the next one finds it as it was
            assert NOT_FOUND not in codes, reader


# Beside the 15 of a page: what a test's own transaction adds, and what is read by
# queries of its own instead of joins.
MOST_QUERIES = 15 + 4 + 10


@pytest.mark.parametrize(
    "path", ["", "exposures/", "exposures/SL-1/", *THROUGH, "runs/"]
)
def test_a_limit_costs_few_queries(
    path: str, two_sites: TwoSites, client: Any, django_assert_max_num_queries: Any
) -> None:
    factories.signed_in(client, two_sites.readers[1].user)
    client.get(f"/w/northmill/{path}")  # a process reads a path revision once

    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(f"/w/northmill/{path}").status_code == OK


def test_of_no_site_left_only_the_rows_of_none_are_seen(two_sites: TwoSites) -> None:
    two_sites.limit(two_sites.there)

    page = ask(two_sites.readers[0].user, "get", "/w/northmill/plant/")

    assert "PLC-P21-of-Northmill" not in page.content.decode()


def test_who_is_looked_at_by_is_as_limited_as_who_is_looked_as(
    place: Place, two_sites: TwoSites, client: Any
) -> None:
    Membership.objects.filter(user=place.ana, workspace=place.northmill).update(
        site_ids=[]
    )
    factories.signed_in(client, place.ana)
    assert b"Ridgemoor" in client.get("/w/northmill/plant/").content
    begun = client.post(
        f"/w/northmill/people/{place.ida.pk}/look/", {"reason": "She misses a device."}
    )
    assert begun.status_code == 302

    page = client.get("/w/northmill/plant/")

    assert b"You see what" in page.content
    assert not two_sites.secrets.search(told(page))
