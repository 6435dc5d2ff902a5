"""Where the start page leads."""

from django.test import Client

from tenants.models import User
from tests.workflows.views.conftest import look


def test_it_asks_a_stranger_to_sign_in(client: Client, db: None) -> None:
    response = client.get("/")

    assert response.headers["Location"].startswith("/accounts/login/")


def test_it_leads_an_owner_to_the_plant(ida: User) -> None:
    assert look(ida, "/").headers["Location"] == "/w/northmill/"


def test_it_leads_the_provider_to_all_customers(ana: User) -> None:
    assert look(ana, "/").headers["Location"] == "/customers/"


def test_every_page_of_a_plant_asks_a_stranger_to_sign_in(
    client: Client, db: None
) -> None:
    response = client.get("/w/northmill/exposures/")

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")
