"""Links that open something: not in the logs, and not to be tried without end."""

import logging
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from common.log_masks import MaskLinks
from tenants.models import User
from tests.workflows.test_invitations import WORDS, admin, invite, link_of


def test_a_refused_password_leaves_no_link_in_the_log(
    ida: User, in_northmill: Any, caplog: pytest.LogCaptureFixture
) -> None:
    link = link_of(invite(admin(ida)))
    caplog.handler.addFilter(MaskLinks())

    answer = Client().post(link, {"name": "Nora", "password": "short"})

    assert answer.status_code == 422
    assert "/join/northmill/***" in caplog.text
    assert link.split("/")[-2] not in caplog.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Not Found: /join/northmill/abc-_9/", "Not Found: /join/northmill/***/"),
        (
            '"GET /join-provider/north/abc/ HTTP/1.1"',
            '"GET /join-provider/north/***/ HTTP/1.1"',
        ),
        ("/accounts/password/reset/1x/ab-cd/ x", "/accounts/password/reset/1x/***/ x"),
        ("Not Found: /w/northmill/", "Not Found: /w/northmill/"),
    ],
)
def test_only_the_secret_part_is_masked(text: str, shown: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s", (text,), None)

    assert MaskLinks().filter(record)
    assert record.getMessage() == shown


def test_a_link_is_not_tried_without_end(ida: User, in_northmill: Any) -> None:
    link = link_of(invite(admin(ida)))

    codes = [
        Client().post(link, {"name": "", "password": ""}).status_code for _ in range(22)
    ]

    assert codes == [422] * 20 + [429] * 2
    assert Client().get(link).status_code == 200  # reading it is free
    assert Client().post(link, {"name": "N", "password": WORDS}).status_code == 429


def test_a_reset_mail_goes_out_after_the_answer(ida: User, client: Client) -> None:
    """Row 36: the time of the answer must not tell which accounts exist."""
    sent_when_answered = []
    answer = client.handler.get_response

    def look(request: Any) -> Any:
        response = answer(request)
        sent_when_answered.append(len(mail.outbox))
        return response

    client.handler.get_response = look  # type: ignore[method-assign]  # looks before it is closed
    client.post("/accounts/password/reset/", {"email": ida.email})

    assert sent_when_answered == [0]
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == [ida.email]
