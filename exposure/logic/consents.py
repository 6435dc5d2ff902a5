"""What a customer may permit besides reading, each with a tick of its own."""

from typing import Final

DEFAULT_CREDENTIALS: Final = "default_credentials"
CODESYS_LOGIN: Final = "codesys_login"
HARTIP_SESSION: Final = "hartip_session"

# The words stand beside the tick that the customer signs.
CONSENTS: Final[dict[str, str]] = {
    DEFAULT_CREDENTIALS: "Ask SNMP agents with the community “public”, which is a "
    "default password. No other is tried.",
    CODESYS_LOGIN: "Ask CODESYS V2 controllers with their login message, which opens "
    "a session without a password.",
    HARTIP_SESSION: "Open a HART-IP session, which takes one of the few places for "
    "masters of the gateway.",
}
