"""How a program asks: pages, filters, and what is refused by name."""

from urllib.parse import quote

from exposure.models import Asset, Run, Zone
from tenants.models import Role, Workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.api.conftest import MakeKey, Program
from tests.api.test_reading import LISTS, SINGLE
from tests.isolation.conftest import Place

PROBLEM = "application/problem+json"


def zones(place: Place, count: int, *, where: Workspace | None = None) -> None:
    """Make more zones."""
    with workspace_scope((where or place.northmill).id):
        site = factories.make_site("Many")
        for number in range(count):
            factories.make_zone(site, f"Zone {number}")


def test_pages_hold_every_row_once_though_rows_are_added_meanwhile(
    program: Program, place: Place
) -> None:
    zones(place, 6)
    seen, cursor, pages = [], "", 0

    while cursor is not None and pages < 9:
        asked = {"limit": 3, "cursor": cursor} if cursor else {"limit": 3}
        page = program.get("zones/", asked).json()
        seen += [each["id"] for each in page["items"]]
        cursor, pages = page["next"], pages + 1
        if pages == 1:  # one comes, and one that was shown goes
            with workspace_scope(place.northmill.id):
                factories.make_zone(factories.make_site("New"), "New")
                Zone.objects.filter(pk=seen[1]).delete()

    assert len(seen) == len(set(seen)) == 8
    assert pages == 3


def test_the_newest_come_first_and_what_is_added_moves_no_page(
    program: Program, place: Place
) -> None:
    with workspace_scope(place.northmill.id):
        first = program.get("exposures/").json()["items"][0]["id"]
        made = factories.make_service(Asset.objects.get(), Run.objects.get(), port=4840)
        factories.make_finding(made)
        page = program.get("exposures/", {"limit": 1}).json()
        factories.make_finding(made, check_id="another")

    rest = program.get("exposures/", {"cursor": page["next"]}).json()

    assert page["items"][0]["ref"] == "SL-2"
    assert [each["id"] for each in rest["items"]] == [first]


def test_a_cursor_is_ours_or_refused(program: Program, place: Place) -> None:
    zones(place, 4)
    cursor = program.get("zones/", {"limit": 2}).json()["next"]
    text, _, signature = cursor.partition(".")

    for bad in ("\0", "x", cursor + "A", f"{text[:-2]}.{signature}", text, "x" * 401):
        answer = program.get("zones/", {"cursor": bad})

        assert answer.status_code == 400, bad
        assert answer.json()["errors"][0]["field"] == "cursor"


def test_a_cursor_is_bound_to_workspace_list_and_filter(
    program: Program, place: Place, make_key: MakeKey
) -> None:
    """Two tenants: a cursor of the one says nothing at the other."""
    zones(place, 4)
    zones(place, 4, where=place.eastholm)
    theirs = make_key(place.ana, workspace=place.eastholm)
    ours = program.get("zones/", {"limit": 2}).json()["next"]

    wrong = [
        theirs.get("/api/v1/w/eastholm/zones/", {"cursor": ours}),
        program.get("lines/", {"cursor": ours}),
        program.get("zones/", {"cursor": ours, "site": str(place.northmill.pk)}),
    ]

    assert {each.status_code for each in wrong} == {400}
    # How many, and for which key, is no part of the question.
    other = make_key(place.otto)
    assert other.get("zones/", {"cursor": ours, "limit": 100}).status_code == 200


def test_a_page_is_as_large_as_is_allowed(program: Program) -> None:
    for limit in ("0", "-1", "101", "x", "1e9", "9" * 5000, "", "1.5"):
        answer = program.get("sites/", {"limit": limit})

        assert answer.status_code == 400, limit
        assert answer.json()["errors"][0]["field"] == "limit"


STRANGE = [
    "password__startswith=a",
    "made_by__password__startswith=a",
    "asset__workspace__provider__name=N",
    "state__in=open",
    "order_by=user__password",
    "ordering=-password",
    "workspace=eastholm",
    "workspace_id=1",
    "format=api",
    "%00=1",
    "__class__=x",
    "fields=token_hash",
]


def test_an_unknown_parameter_is_refused_by_name(program: Program) -> None:
    """Row 35: lookups and orders that nobody has described."""
    for path in ("exposures/", "ledger/", "key/", "exposures/SL-1/"):
        for query in STRANGE:
            answer = program.get(f"{path}?{query}")

            assert answer.status_code == 400, (path, query)
            assert answer["Content-Type"] == PROBLEM
            [error] = answer.json()["errors"]
            assert quote(error["field"]) == query.partition("=")[0]
            assert "not known" in error["detail"]


def test_nothing_takes_a_parameter_that_is_not_described(
    program: Program, signed: None
) -> None:
    for path in (*LISTS, *SINGLE):
        answer = program.get(path, {"password__startswith": "a"})

        assert answer.status_code == 400, path
        assert answer.json()["errors"][0]["field"] == "password__startswith"


MISFITS = [
    ("exposures/", "state=open&state=closed"),
    ("exposures/", "state=OPEN"),
    ("exposures/", "state="),
    ("exposures/", "grade=E9"),
    ("exposures/", "site=1"),
    ("exposures/", "site=%00"),
    ("exposures/", "site=' OR 1=1 --"),
    ("services/", "port=70000"),
    ("services/", "port=true"),
    ("services/", "protocol=%00"),
    ("ledger/", "action=" + "x" * 5000),
    ("ledger/", "about=%00"),
]


def test_a_filter_takes_what_is_described(program: Program) -> None:
    for path, query in MISFITS:
        answer = program.get(f"{path}?{query}")

        assert answer.status_code == 400, query
        assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_a_filter_of_text_knows_no_wildcard(program: Program, signed: None) -> None:
    for text in ("%", "_", "\\", "tests.%", "%D9%A3", "%ED%A0%80"):
        answer = program.get("ledger/", {"action": text})

        assert (answer.status_code, answer.json()["items"]) == (200, []), text


NOWHERE = [
    "exposures/SL-0/",
    "exposures/SL-404/",
    "exposures/SL-1%00/",
    "exposures/SL-1%0A/",
    "exposures/SL-%D9%A1/",
    "exposures/SL-" + "9" * 5000 + "/",
    "exposures/..%2F..%2Fkey/",
    "runs/" + "9" * 30 + "/",
    "runs/2147483648/",
    "runs/-1/",
    "exposures",
    "key",
    "nothing/",
    "/api/v1/w/northmill%00/key/",
    "/api/v1/w/NORTHMILL/key/",
    "/api/v2/w/northmill/key/",
    "/api/",
    "/api/v1/",
    "/api/v1/openapi.json/",
]


def test_an_address_that_is_none_is_a_problem_and_no_page(program: Program) -> None:
    for path in NOWHERE:
        answer = program.get(path)

        assert answer.status_code == 404, path
        assert answer["Content-Type"] == PROBLEM
        assert answer.json()["title"] == "Not Found"


def test_a_filter_by_site_shows_that_site_only(program: Program, place: Place) -> None:
    zones(place, 2)
    sites = {each["name"]: each["id"] for each in program.get("sites/").json()["items"]}

    shown = program.get("zones/", {"site": sites["Many"]}).json()["items"]

    assert {each["name"] for each in shown} == {"Zone 0", "Zone 1"}


def test_sites_of_key_and_maker_are_cut(place: Place, make_key: MakeKey) -> None:
    with workspace_scope(place.northmill.id):
        east, west, north = (
            factories.make_site(name) for name in ("East", "West", "North")
        )
    user = factories.make_user("wes@northmill.example", "Wes")
    factories.make_member(
        place.northmill, user, role=Role.APPROVER, site_ids=[east.pk, west.pk]
    )

    def names(*sites: object) -> set[str]:
        key = make_key(user, site_ids=list(sites))
        return {each["name"] for each in key.get("sites/").json()["items"]}

    assert names() == {"East", "West"}
    assert names(west.pk, north.pk) == {"West"}
    assert names(north.pk) == set()
