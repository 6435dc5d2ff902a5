"""What a browser is protected by, and what somebody can do with an address or a header."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from tenants.models import Role, Side
from tenants.rights import LOOKING, RIGHTS
from tests import factories
from tests.isolation.conftest import Place, fill, owner
from tests.isolation.together import together
from tests.isolation.walking import (
    Address,
    ask,
    changed,
    every_address,
    every_group_address,
    every_provider_address,
    every_workspace_address,
    guarded,
    picture,
)

ADDRESSES = every_workspace_address()
PAGES = [each for each in ADDRESSES if each.right in LOOKING]
ACTS = [each for each in ADDRESSES if each.right not in LOOKING]
LOGIN = "/accounts/login/"
# Walked by tests/isolation/test_every_provider_url.py.
PROVIDER_PAGES = {each.name for each in every_provider_address()}
# Walked by tests/isolation/test_every_group_url.py.
GROUP_PAGES = {each.name for each in every_group_address()}
# Walked by tests/sign_in/test_single_sign_on_doors.py.
COMPANY_PAGES = {
    "sso",
    "sso-door",
    "sso-link",
    "sso-start",
    "sso-callback",
    "sso-acs",
    "sso-finish",
    "sso-metadata",
}
EVIL = "evil.example"
ELSEWHERE = [
    f"https://{EVIL}/",
    f"//{EVIL}/",
    f"///{EVIL}/",
    f"/\\{EVIL}/",
    f"\\\\{EVIL}\\",
    f"https:{EVIL}",
    f"http:///{EVIL}/",
    f"http://testserver@{EVIL}/",
    f"\thttps://{EVIL}/",
    f"/\t/{EVIL}/",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    f"/%0d%0aLocation: https://{EVIL}/\r\nX-Evil: 1",
]
STRANGE = [
    "password__startswith=a",
    "asset__workspace__provider__name__startswith=N",
    "workspace=eastholm&workspace_id=1",
    "order_by=password&ordering=-password&sort=password",
    "q=%27+OR+1%3D1+--",
    "q=%25",
    "q=_",
    "q=%5C",
    "q=%00%0d%0a",
    "q=" + "9" * 5000,
    "q=SL-99999999999999999999",
    "q=%ED%A0%80%F0%9F%92%A9%E2%80%AE",
    "q=%7B%7B7919*7907%7D%7D%7B%25+debug+%25%7D",
    "view=__class__&page=-1&part=-1",
    "view=closed&page=" + "9" * 5000,
    "page=%D9%A3&way=%D9%A3&part=%D9%A3",
    "line=..%2F..%2Fetc&way=9&grade=__all__",
    "line=" + "x" * 5000,
    "%00=%00&[]=1&a[b]=c",
]
FORGED = {
    "HX-Request": "true",
    "HX-Boosted": "maybe",
    "HX-History-Restore-Request": "%00",
    "HX-Target": "<script>alert(1)</script>",
    "HX-Trigger": "{{7*7}}",
    "HX-Trigger-Name": "'; DROP TABLE x; --",
    "HX-Prompt": "x" * 5000,
    "HX-Current-URL": f"https://{EVIL}/[",
    "Triggering-Event": "{not json",
}


@together(ACTS)
def test_an_act_needs_the_token_of_its_form(place: Place, address: Address) -> None:
    # What only an administrator may is refused without the token as well.
    able = next((r for r in place.people if r in RIGHTS[address.right]), Role.OWNER)
    path = address.at("northmill", place.rows)
    before = picture(place.northmill)
    browser = Client(enforce_csrf_checks=True)
    factories.signed_in(browser, place.people[able])

    for headers in ({}, {"HX-Request": "true"}, {"origin": f"https://{EVIL}"}):
        response = browser.post(path, headers=headers)
        guarded(response)
        assert response.status_code == 403
        assert b"This form is no longer valid" in response.content
    assert changed(before, picture(place.northmill)) == set()


@together(PAGES)
def test_a_strange_query_breaks_nothing_and_widens_nothing(
    place: Place, address: Address
) -> None:
    owner(place.eastholm, "irma@eastholm.example", side=Side.IT)
    fill(place.eastholm, name="Kettle-K7", signed_by=place.mallory, proposer=place.ana)
    path = address.at("northmill", place.rows)

    for query in STRANGE:
        response = ask(place.otto, "get", f"{path}?{query}")
        assert response.status_code == 200, query
        assert b"Kettle-K7" not in response.content
        assert b"62615533" not in response.content  # 7919 times 7907


@together(PAGES)
def test_forged_headers_of_htmx_change_no_more_than_the_frame(
    place: Place, address: Address
) -> None:
    path = address.at("northmill", place.rows)

    response = ask(place.otto, "get", path, headers=FORGED)

    assert response.status_code in {200, 286}
    assert EVIL not in response.content.decode() + str(response.headers)
    assert "alert(1)" not in response.content.decode()


@pytest.mark.parametrize("words", ["%", "_", "\\", "P__-", "PLC%"])
def test_a_filter_knows_no_wildcard(place: Place, words: str) -> None:
    path = f"/w/northmill/exposures/?q={quote(words)}"

    assert b"SL-1" not in ask(place.otto, "get", path).content


@pytest.mark.parametrize(
    "where", ["account_login", "account_logout", "account_reauthenticate"]
)
@pytest.mark.parametrize("goal", ELSEWHERE)
def test_nobody_is_sent_elsewhere_after_signing_in_or_out(
    place: Place, where: str, goal: str
) -> None:
    browser = Client()
    if where != "account_login":
        factories.signed_in(browser, place.otto)
    fields = {
        "login": place.otto.email,
        "password": factories.PASSWORD,
        "next": goal,
    }

    for path in (reverse(where), f"{reverse(where)}?next={quote(goal)}"):
        response = browser.post(path, fields)
        guarded(response)
        onward = response.headers.get("Location", "/")
        assert onward.startswith("/")
        assert not onward.startswith(("//", "/\\", "/\t"))
        assert "X-Evil" not in response.headers


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_who_is_signed_in_already_is_not_sent_elsewhere(
    place: Place, goal: str
) -> None:
    response = ask(place.otto, "get", f"{LOGIN}?next={quote(goal)}")

    assert response.status_code == 302
    assert response["Location"].startswith("/")
    assert not response["Location"].startswith(("//", "/\\", "/\t"))


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(place: Place) -> None:
    browser = Client()
    browser.get(LOGIN)
    browser.post(LOGIN, {"login": place.otto.email, "password": factories.PASSWORD})

    assert {*browser.cookies} == {"sightline_session", "sightline_csrf"}
    for cookie in browser.cookies.values():
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"


def test_signing_in_gives_a_new_session(place: Place) -> None:
    browser = Client()
    session = browser.session
    session["planted"] = "by an attacker"
    session.save()
    browser.cookies["sightline_session"] = planted = str(session.session_key)

    browser.post(LOGIN, {"login": place.otto.email, "password": factories.PASSWORD})

    assert browser.cookies["sightline_session"].value != planted
    assert (
        Client(headers={"cookie": f"sightline_session={planted}"})
        .get("/w/northmill/")
        .status_code
        == 302
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"host": EVIL},
        {"host": f"testserver.{EVIL}"},
        {"host": f"testserver@{EVIL}"},
        {"host": ""},
    ],
)
def test_another_host_is_not_served(place: Place, headers: dict[str, str]) -> None:
    response = ask(place.otto, "get", "/w/northmill/", headers=headers)

    assert response.status_code == 400
    assert EVIL not in response.content.decode()


def test_a_forwarded_host_is_not_believed(place: Place) -> None:
    told = {"x-forwarded-host": EVIL, "forwarded": f"host={EVIL}", "x-host": EVIL}

    for page in PAGES:
        path = page.at("northmill", place.rows)
        response = ask(place.otto, "get", path, headers=told)
        assert EVIL not in response.content.decode() + str(response.headers)
    assert ask(None, "get", "/w/northmill/", headers=told)["Location"].startswith("/")


@pytest.mark.parametrize(
    "path",
    [
        "/w/northmill/runs/" + "9" * 30 + "/",
        "/w/northmill/runs/" + "9" * 5000 + "/",
        "/w/northmill/runs/-1/",
        "/w/northmill/runs/%D9%A3/",
        "/w/northmill/exposures/SL-1%00/",
        "/w/northmill/exposures/SL-1%0A/",
        "/w/northmill/exposures/SL-%D9%A1/",
        "/w/northmill/exposures/SL-" + "9" * 5000 + "/",
        "/w/northmill/exposures/..%2F..%2Fscope/",
        "/w/NORTHMILL/",
        "/w/northmill%00/",
        "/w/%F0%9F%92%A9/",
        "/accounts/password/set/",
        "/accounts/signup/",
        "/admin/",
        "/api/",
        "/static/../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/config/settings.py",
    ],
)
def test_an_address_that_is_none_is_not_found(place: Place, path: str) -> None:
    assert ask(place.otto, "get", path).status_code == 404


def test_an_endless_form_is_not_taken_in(place: Place) -> None:
    before = picture(place.northmill)
    path = "/w/northmill/exposures/SL-1/propose/"

    many = ask(place.ana, "post", path, {f"f{n}": "x" for n in range(10_001)})
    long = ask(place.ana, "post", path, {"action": "x" * 3_000_000})

    assert (many.status_code, long.status_code) == (400, 413)
    assert changed(before, picture(place.northmill)) == set()


def test_every_route_of_the_product_is_a_page_an_act_or_public() -> None:
    others = {
        each.name
        for each in every_address()
        if not each.route.startswith(
            ("w/", "join/", "join-provider/", "brand/", "api/")
        )
    }

    signing_in = {
        each
        for each in others
        if each.startswith(("account_", "mfa_", "usersessions_"))
    }
    provider = {each for each in others if each in PROVIDER_PAGES | GROUP_PAGES}
    company = {each for each in others if each in COMPANY_PAGES}
    across = {"about-our-probes", "customers", "having", "home", "sites", "switch"}
    assert others - signing_in - provider - company == across
    assert len(signing_in) == 25
    assert company == COMPANY_PAGES
