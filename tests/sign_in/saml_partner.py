"""A SAML identity provider: it reads our question, and signs answers with signxml.

We check with xmlsec, so two implementations have to agree on what is signed.
"""

import base64
import datetime as dt
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLSigner
from signxml.algorithms import DigestAlgorithm, SignatureMethod

ENTITY = "https://adfs.northmill.example/idp"
SSO_URL = "https://adfs.northmill.example/sso"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
NAMES = {"samlp": PROTOCOL, "saml": SAML}
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
ASSERTION = """<saml:Assertion xmlns:saml="{saml}" ID="{id}" Version="2.0" IssueInstant="{now}">
<saml:Issuer>{issuer}</saml:Issuer>
<saml:Subject><saml:NameID Format="{format}">{name_id}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<saml:SubjectConfirmationData InResponseTo="{question}" Recipient="{recipient}" NotOnOrAfter="{end}"/>
</saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{begin}" NotOnOrAfter="{end}">
<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>
</saml:Conditions>
<saml:AuthnStatement AuthnInstant="{instant}" SessionIndex="s1"><saml:AuthnContext>
<saml:AuthnContextClassRef>{context}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>{email}</saml:AttributeValue>
</saml:Attribute></saml:AttributeStatement></saml:Assertion>"""
RESPONSE = """<samlp:Response xmlns:samlp="{protocol}" xmlns:saml="{saml}" ID="{response_id}" Version="2.0"
 IssueInstant="{now}" Destination="{recipient}" InResponseTo="{question}"><saml:Issuer>{issuer}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:Response>"""


@dataclass(frozen=True)
class Question:
    """What our side asked."""

    id: str
    acs: str
    issuer: str
    force: bool


@dataclass
class SamlPartner:
    """The provider and its key."""

    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(65537, 2048)
    )

    @property
    def certificate(self) -> str:
        """Its certificate, which it signed itself."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM).decode()

    def read(self, address: str) -> Question:
        """Read our question as the provider would."""
        assert address.startswith(f"{SSO_URL}?")
        query = parse_qs(urlsplit(address).query)
        xml = etree.fromstring(
            zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15)
        )
        return Question(
            id=xml.get("ID", ""),
            acs=xml.get("AssertionConsumerServiceURL", ""),
            issuer=str(xml.findtext("saml:Issuer", namespaces=NAMES)),
            force=xml.get("ForceAuthn") == "true",
        )

    def answer(
        self,
        question: Question,
        /,
        *,
        change: Callable[[Any], Any] | None = None,
        sign: bool = True,
        bend: Callable[[Any], Any] | None = None,
        **values: str,
    ) -> str:
        """Return the answer: `change` the assertion before, `bend` all after signing."""
        assertion, response = self.parts(question, **values)
        if change:
            assertion = change(assertion)
        response.append(self.signed(assertion) if sign else assertion)
        if bend:
            response = bend(response)
        return encode(etree.tostring(response))

    def parts(self, question: Question, /, **values: str) -> tuple[Any, Any]:
        """Return assertion and response, unsigned and apart."""
        now = dt.datetime.now(dt.UTC)
        fields = {
            "saml": SAML,
            "protocol": PROTOCOL,
            "id": f"_{uuid.uuid4()}",
            "response_id": f"_{uuid.uuid4()}",
            "now": at(now),
            "begin": at(now - dt.timedelta(minutes=1)),
            "end": at(now + dt.timedelta(minutes=5)),
            "instant": at(now),
            "issuer": ENTITY,
            "format": PERSISTENT,
            "name_id": "otto-1",
            "question": question.id,
            "recipient": question.acs,
            "audience": question.issuer,
            "context": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
            "email": "otto@northmill.example",
            **values,
        }
        return (
            etree.fromstring(ASSERTION.format(**fields)),
            etree.fromstring(RESPONSE.format(**fields)),
        )

    def signed(self, element: Any) -> Any:
        """Sign an element, and put the signature behind its issuer."""
        issuer = element.find("saml:Issuer", namespaces=NAMES)
        spot = etree.Element("{http://www.w3.org/2000/09/xmldsig#}Signature")
        spot.set("Id", "placeholder")
        issuer.addnext(spot)
        pem = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        signer = XMLSigner(
            signature_algorithm=SignatureMethod.RSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#",
        )
        return signer.sign(
            element,
            key=pem,
            cert=self.certificate,
            reference_uri=element.get("ID"),
        )


def at(moment: dt.datetime) -> str:
    """Return a moment as SAML writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def encode(xml: bytes) -> str:
    """Return XML as it travels in a form."""
    return base64.b64encode(xml).decode()
