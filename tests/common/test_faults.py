import pytest
from django.db import OperationalError
from django.test import Client
from django.test.client import RequestFactory

from common.faults import server_error


def _answer(error: Exception):
    try:
        raise error
    except type(error):
        return server_error(RequestFactory().get("/"))


def test_a_database_that_is_away_is_said_and_may_come_back() -> None:
    response = _answer(OperationalError("no connection"))

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "not available" in response.content.decode()


def test_another_fault_is_ours_and_tells_nothing_of_the_inside() -> None:
    response = _answer(ValueError("password=hunter2"))

    assert response.status_code == 500
    assert "hunter2" not in response.content.decode()


@pytest.mark.parametrize(
    "path", ["signup/", "password/set/", "email/", "confirm-email/"]
)
def test_what_the_sign_in_library_offers_besides_is_not_there(
    path: str, client: Client
) -> None:
    assert client.get(f"/accounts/{path}").status_code == 404
