"""Signs and verifies webhooks after Standard Webhooks 1.0.0, symmetric scheme v1.

The scheme is described at standardwebhooks.com; a receiver can use any library for it.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from common.errors import DomainError

PREFIX = "whsec_"
MIN_SECRET, MAX_SECRET, NEW_SECRET = 24, 64, 32  # bytes
MAX_SECRETS = 8  # in rotation at one time
MAX_SIGNATURES = 16  # looked at in one call
TOLERANCE = timedelta(minutes=5)
MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
TIMESTAMP = re.compile(r"[0-9]{1,12}")


class SignatureInvalid(DomainError):
    """A webhook that must not be believed, or a secret that is none."""


def new_secret() -> str:
    """Return a fresh secret of 32 bytes in its written form, whsec_ and base64."""
    raw = randomness.token_bytes(NEW_SECRET)
    return PREFIX + base64.b64encode(raw).decode()


def parse_secret(text: str) -> bytes:
    """Return the bytes of a written secret; 24 to 64 of them."""
    if not text.startswith(PREFIX):
        raise SignatureInvalid(f"A webhook secret begins with {PREFIX}.")
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureInvalid("The webhook secret is not valid base64.") from error
    if not MIN_SECRET <= len(raw) <= MAX_SECRET:
        raise SignatureInvalid(
            f"A webhook secret has {MIN_SECRET} to {MAX_SECRET} bytes."
        )
    return raw


def sign(
    body: bytes, *, message_id: str, at: datetime, secrets: Sequence[str]
) -> dict[str, str]:
    """Return the three headers for one attempt at `at` (an aware datetime).

    `message_id` stays the same over all attempts. With several secrets the header
    carries one signature for each, so a receiver may change over in its own time.
    """
    if not MESSAGE_ID.fullmatch(message_id):
        raise SignatureInvalid("A message id is up to 64 letters, digits, _ and -.")
    if at.tzinfo is None:
        raise SignatureInvalid("The time of an attempt needs a time zone.")
    if not 1 <= len(secrets) <= MAX_SECRETS:
        raise SignatureInvalid(f"A webhook is signed with 1 to {MAX_SECRETS} secrets.")
    timestamp = str(int(at.timestamp()))
    made = (_mac(body, message_id, timestamp, secret) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(mac).decode()}" for mac in made
        ),
    }


def verify(
    body: bytes, *, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> None:
    """Return if one signature fits one secret and the time is within 5 minutes.

    Header names in any case. Raises SignatureInvalid with the reason otherwise.
    A receiver still has to remember the ids it has seen within those 5 minutes.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id = given.get("webhook-id", "")
    timestamp = given.get("webhook-timestamp", "")
    signatures = given.get("webhook-signature", "")
    if not (message_id and timestamp and signatures):
        raise SignatureInvalid("The call carries no complete webhook signature.")
    if not MESSAGE_ID.fullmatch(message_id):
        raise SignatureInvalid("The webhook-id is not well formed.")
    _check_age(timestamp, now)
    fitting = False
    offered = _offered(signatures)
    for secret in secrets:
        expected = _mac(body, message_id, timestamp, secret)
        for candidate in offered:
            # No early exit: the time taken tells nothing about which one fits.
            fitting |= hmac.compare_digest(expected, candidate)
    if not fitting:
        raise SignatureInvalid("No signature of the call fits the secret.")


def _mac(body: bytes, message_id: str, timestamp: str, secret: str) -> bytes:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return hmac.new(parse_secret(secret), signed, hashlib.sha256).digest()


def _check_age(timestamp: str, now: datetime) -> None:
    if not TIMESTAMP.fullmatch(timestamp):
        raise SignatureInvalid("The webhook-timestamp is not well formed.")
    age = timedelta(seconds=now.timestamp() - int(timestamp))
    if age > TOLERANCE:
        raise SignatureInvalid("The call is too old; it may have been replayed.")
    if age < -TOLERANCE:
        raise SignatureInvalid("The call comes from the future; check the clocks.")


def _offered(header: str) -> list[bytes]:
    found = []
    for part in header.split(" ")[:MAX_SIGNATURES]:
        version, _, text = part.partition(",")
        if version != "v1":
            continue  # other schemes may stand beside ours
        try:
            found.append(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError):
            continue
    return found
