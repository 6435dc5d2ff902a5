"""SAML with a question of ours, an answer by POST, and a signed assertion in it."""

import base64
import binascii
import hashlib
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from lxml.etree import LxmlError
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Words
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from tenants.logic.arrivals import Arrival, NotBelieved
from tenants.logic.assertions import Addressed, read_assertion
from tenants.models import IdentityProvider
from tenants.services.sign_on.setup import PEM

MAX_RESPONSE = 256 * 1024  # of base64
SEEN_SECONDS = 24 * 3600
ASSERTION = "/samlp:Response/saml:Assertion"
TAG = f"{{{Words.NS_SAML}}}Assertion"


def address_to_ask(row: IdentityProvider, *, here: str, again: bool) -> tuple[str, str]:
    """Return where the browser goes to sign in, and the id of the question."""
    auth = OneLogin_Saml2_Auth(_request(here), _settings(row, here))
    # Where people go on is in their session; the relay state is read by nobody.
    where = auth.login(return_to="-", force_authn=again, set_nameid_policy=False)
    return str(where), str(auth.get_last_request_id())


def metadata(row: IdentityProvider, *, here: str) -> bytes:
    """Return what the identity provider needs to know of us, as XML."""
    ours = OneLogin_Saml2_Settings(_settings(row, here), sp_validation_only=True)
    text = ours.get_sp_metadata()
    return text if isinstance(text, bytes) else str(text).encode()


class Answer:
    """What came by POST: first whose question it answers, then what it proves."""

    def __init__(self, row: IdentityProvider, encoded: str, *, here: str) -> None:
        """Read the XML; nothing in it is believed yet. Raises NotBelieved."""
        if len(encoded) > MAX_RESPONSE:
            raise NotBelieved("The response is too long.")
        self.row, self.here = row, here
        try:
            _check_plain(base64.b64decode("".join(encoded.split()), validate=True))
            self.response = OneLogin_Saml2_Response(
                OneLogin_Saml2_Settings(_settings(row, here)), encoded
            )
        except (
            OneLogin_Saml2_Error,
            OneLogin_Saml2_ValidationError,
            LxmlError,
            ValueError,
            binascii.Error,
        ) as error:
            raise NotBelieved("The response is no XML that we read.") from error

    @property
    def question(self) -> str:
        """The id of the question that this says it answers; not proven yet."""
        return str(self.response.get_in_response_to() or "")

    def read(self) -> Arrival:
        """Return who signed in; raises NotBelieved. An assertion is good for once."""
        question = self.question
        if not question:
            raise NotBelieved("The response answers no question.")
        try:
            self.response.is_valid(
                _request(self.here), request_id=question, raise_exceptions=True
            )
            signed = self.response.process_signed_elements()
        except (
            OneLogin_Saml2_Error,
            OneLogin_Saml2_ValidationError,
            LxmlError,
            ValueError,
            KeyError,
        ) as error:
            raise NotBelieved(f"The response is not valid: {error}") from error
        found = self.response.document.xpath(
            ASSERTION, namespaces={"samlp": Words.NS_SAMLP, "saml": Words.NS_SAML}
        )
        if TAG not in signed or len(found) != 1:
            raise NotBelieved("The assertion itself is not signed.")
        arrival = read_assertion(
            found[0],
            expected=Addressed(
                issuer=self.row.issuer,
                audience=entity_id(self.here),
                recipient=acs(self.here),
                in_response_to=question,
            ),
            now=timezone.now(),
        )
        used = hashlib.sha256(arrival.message_id.encode()).hexdigest()
        seen = f"sign-on:{self.row.workspace_id}:{self.row.pk}:{used}"
        if not cache.add(seen, "seen", SEEN_SECONDS):
            raise NotBelieved("The assertion was used already.")
        return arrival


def entity_id(here: str) -> str:
    """Return what we are called at the identity provider; `here` is its own base."""
    return f"{here}metadata/"


def acs(here: str) -> str:
    """Return the address that answers are posted to."""
    return f"{here}acs/"


def _check_plain(xml: bytes) -> None:
    """Refuse declarations of types and entities, in whatever encoding, unread."""
    if b"\x00" in xml or xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NotBelieved("The response is not written in UTF-8.")
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise NotBelieved("The response declares a type or an entity.")


def _request(here: str) -> dict[str, Any]:
    """Describe the request by our own address, whatever its Host header said."""
    parts = urlsplit(acs(here))
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {},
    }


def _settings(row: IdentityProvider, here: str) -> dict[str, Any]:
    certificates = [_bare(each) for each in PEM.findall(row.certificates)]
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": entity_id(here),
            "assertionConsumerService": {
                "url": acs(here),
                "binding": Words.BINDING_HTTP_POST,
            },
            "NameIDFormat": Words.NAMEID_PERSISTENT,
        },
        "idp": {
            "entityId": row.issuer,
            "singleSignOnService": {
                "url": row.sso_url,
                "binding": Words.BINDING_HTTP_REDIRECT,
            },
            "x509certMulti": {"signing": certificates},
        },
        "security": {
            "wantAssertionsSigned": True,
            "wantAttributeStatement": False,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "allowRepeatAttributeName": True,
            "allowSingleLabelDomains": settings.SITE_URL.startswith("http://"),
        },
    }


def _bare(pem: str) -> str:
    return "".join(pem.splitlines()[1:-1])
