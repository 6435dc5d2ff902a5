"""Webhook signatures after Standard Webhooks."""

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from workflows.logic.webhook_signature import (
    SignatureInvalid,
    new_secret,
    parse_secret,
    sign,
    verify,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
BODY = '{"type":"webhook.test","name":"Mühle"}'.encode()


def signed(*secrets, at, body=BODY, message_id="msg_1"):
    return sign(body, message_id=message_id, at=at, secrets=secrets or (SECRET,))


@pytest.fixture
def now():
    return datetime.now(UTC)


def test_it_makes_the_signature_of_the_published_example():
    # The example of the specification's reference libraries.
    at = datetime.fromtimestamp(1614265330, UTC)

    headers = signed(
        at=at, body=b'{"test": 2432232314}', message_id="msg_p5jXN8AQM9LWM0D4loKWxJek"
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("hours", [-11, 0, 5.5, 14])
def test_the_reference_library_believes_it_in_every_time_zone(now, hours):
    at = now.astimezone(timezone(timedelta(hours=hours)))

    headers = signed(at=at)

    Webhook(SECRET).verify(BODY, headers)
    verify(BODY, headers=headers, secrets=[SECRET], now=now)


def test_it_signs_once_for_each_secret_in_a_rotation(now):
    headers = signed(OTHER, SECRET, at=now)

    for secret in (OTHER, SECRET):
        Webhook(secret).verify(BODY, headers)
        verify(BODY, headers=headers, secrets=[secret], now=now)


def test_it_verifies_names_of_headers_in_any_case(now):
    headers = {name.title(): value for name, value in signed(at=now).items()}

    verify(BODY, headers=headers, secrets=[SECRET], now=now)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,a,b"},
        {"webhook-signature": "v1a,g0hM9SsE"},
        {"webhook-signature": "v1,ä"},
        {"webhook-signature": "v2,v2 , ,,"},
    ],
)
def test_it_believes_nothing_that_was_changed(now, change):
    headers = signed(at=now) | change

    with pytest.raises(SignatureInvalid, match="No signature"):
        verify(BODY, headers=headers, secrets=[SECRET], now=now)


@pytest.mark.parametrize(
    "body", [BODY + b" ", BODY.decode().encode("utf-16"), b"", b"\xff"]
)
def test_it_believes_no_other_body(now, body):
    with pytest.raises(SignatureInvalid, match="No signature"):
        verify(body, headers=signed(at=now), secrets=[SECRET], now=now)


def test_it_believes_no_secret_that_was_replaced(now):
    with pytest.raises(SignatureInvalid, match="No signature"):
        verify(BODY, headers=signed(OTHER, at=now), secrets=[SECRET], now=now)


@pytest.mark.parametrize(
    ("seconds", "words"), [(301, "too old"), (86400, "too old"), (-302, "future")]
)
def test_it_believes_no_other_time(now, seconds, words):
    headers = signed(at=now - timedelta(seconds=seconds))

    with pytest.raises(SignatureInvalid, match=words):
        verify(BODY, headers=headers, secrets=[SECRET], now=now)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers)


@pytest.mark.parametrize(
    "timestamp", ["1e3", "-1", "nan", " 5", "12.5", "9" * 13, "٣", "+5"]
)
def test_it_reads_no_other_form_of_time(now, timestamp):
    headers = signed(at=now) | {"webhook-timestamp": timestamp}

    with pytest.raises(SignatureInvalid, match="timestamp is not well formed"):
        verify(BODY, headers=headers, secrets=[SECRET], now=now)


@pytest.mark.parametrize(
    "name", ["webhook-id", "webhook-timestamp", "webhook-signature"]
)
def test_it_needs_all_three_headers(now, name):
    headers = signed(at=now)
    del headers[name]

    with pytest.raises(SignatureInvalid, match="no complete"):
        verify(BODY, headers=headers, secrets=[SECRET], now=now)


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begins with"),
        ("whsec_", "24 to 64"),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), "24 to 64"),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), "24 to 64"),
        ("whsec_not*base64", "base64"),
        ("whsec_ä", "base64"),
    ],
)
def test_it_refuses_a_weak_or_broken_secret(secret, words):
    with pytest.raises(SignatureInvalid, match=words) as refused:
        parse_secret(secret)

    assert secret not in str(refused.value)


def test_it_makes_secrets_that_fit_and_differ():
    first, second = new_secret(), new_secret()

    assert len(parse_secret(first)) == 32
    assert first != second


@pytest.mark.parametrize("message_id", ["", "a.b", "a\r\nX: 1", "a" * 65, "ä"])
def test_it_signs_no_id_that_could_be_misread(now, message_id):
    with pytest.raises(SignatureInvalid, match="message id"):
        signed(at=now, message_id=message_id)


def test_it_signs_no_time_without_a_zone_and_nothing_without_a_secret(now):
    with pytest.raises(SignatureInvalid, match="time zone"):
        signed(at=now.replace(tzinfo=None))
    with pytest.raises(SignatureInvalid, match="1 to 8 secrets"):
        sign(BODY, message_id="msg_1", at=now, secrets=[])
