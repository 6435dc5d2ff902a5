"""The outgoing HTTP client and certificates."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common.exchange import OutgoingFailed
from common.outgoing import OutgoingClient
from tests.loopback import OK, saying, serve

LOOPBACK = (ip_network("127.0.0.0/8"),)
NAME = "hooks.northmill.example"


def certificate(tmp_path, *, alternative: str | None, common: str = NAME):
    """Return the path of a self-signed certificate with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    if alternative:
        names = x509.SubjectAlternativeName([x509.DNSName(alternative)])
        builder = builder.add_extension(names, critical=False)
    made = builder.sign(key, hashes.SHA256())
    path = tmp_path / "server.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def server_side(path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def client_trusting(path):
    return OutgoingClient(
        private=LOOPBACK,
        resolve=lambda *_: ["127.0.0.1"],
        trust=ssl.create_default_context(cafile=path),
        total=5,
    )


def test_it_names_the_host_and_verifies_its_certificate(tmp_path):
    path = certificate(tmp_path, alternative=NAME)
    asked = []
    tls = server_side(path)
    tls.sni_callback = lambda _, name, *__: asked.append(name)

    with serve(saying(OK), tls=tls) as server:
        url = f"https://{NAME}:{server.port}/"
        answer = client_trusting(path).post(url, body=b"", headers={})

    assert answer.status == 200
    assert asked == [NAME]


@pytest.mark.parametrize("alternative", ["other.example", None], ids=["other", "none"])
def test_it_refuses_a_certificate_of_another_name(tmp_path, alternative):
    path = certificate(tmp_path, alternative=alternative)

    with (
        serve(saying(OK), tls=server_side(path)) as server,
        pytest.raises(OutgoingFailed, match="certificate of hooks"),
    ):
        client_trusting(path).post(
            f"https://{NAME}:{server.port}/", body=b"", headers={}
        )

    assert server.requests == []


def test_it_refuses_a_certificate_nobody_vouches_for(tmp_path):
    path = certificate(tmp_path, alternative=NAME)
    client = OutgoingClient(private=LOOPBACK, resolve=lambda *_: ["127.0.0.1"], total=5)

    with (
        serve(saying(OK), tls=server_side(path)) as server,
        pytest.raises(OutgoingFailed, match="could not be verified"),
    ):
        client.post(f"https://{NAME}:{server.port}/", body=b"", headers={})


def test_it_gives_up_on_an_encrypted_server_that_drips(tmp_path):
    path = certificate(tmp_path, alternative=NAME)
    client = OutgoingClient(
        private=LOOPBACK,
        resolve=lambda *_: ["127.0.0.1"],
        trust=ssl.create_default_context(cafile=path),
        total=0.4,
    )

    def drip(conn, stop):
        conn.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not stop.wait(0.02):
            conn.sendall(b"x")

    with (
        serve(drip, tls=server_side(path)) as server,
        pytest.raises(OutgoingFailed, match="in time"),
    ):
        client.post(f"https://{NAME}:{server.port}/", body=b"", headers={})
