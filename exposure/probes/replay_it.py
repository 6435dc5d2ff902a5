"""How an engineer repeats the probes of IT services by hand."""

from collections.abc import Mapping

from exposure.probes import (
    ftp,
    ldap,
    mongodb,
    mssql,
    oracle,
    postgres,
    redis,
    rtsp,
    smb,
    smtp,
    tls_versions,
)
from exposure.probes.steps import Step, plain

# Probes that open a connection for each message.
ONE_EACH = frozenset({"smb", "tls-versions"})
COMMANDS: Mapping[str, str] = {
    "mqtts": "printf {mqtt_bytes} | openssl s_client -quiet -connect {authority}"
    " -servername {name} | od -An -tx1",
}
EXPECTED: Mapping[str, str] = {
    "mqtts": "20 02 00 00: a client without user name and password was let in.",
    "tls-versions": "16 03 at the beginning: the offer was taken; bytes 10 and 11 are the "
    "version (03 01 is TLS 1.0, 03 02 TLS 1.1), and in the second answer any version "
    "means that weak encryption was taken. 15 at the beginning, nothing or a reset: no.",
    "telnet": "A greeting that ends with login, or a prompt that takes commands. What is "
    "typed there goes over the network in clear text.",
    "ftp": "The greeting, then the features: a line AUTH TLS means that encryption is "
    "on offer.",
    "smtp": "The greeting, then what the server can do: a line STARTTLS means that "
    "encryption is on offer.",
    "smb": "In the first answer, byte 71 is 03 when signing is required and 01 when it is "
    "not. ff 53 4d 42 in the second: version 1 is spoken; nothing, or a reset: it is not.",
    "mssql": "04 01 at the beginning; the version stands near the end.",
    "mysql": "The version of the server in plain text.",
    "postgres": "S: encryption is on offer. N: it is not.",
    "redis": "redis_version in plain text: anyone may read. NOAUTH: a password is asked.",
    "mongodb": "A reply with ismaster in it.",
    "oracle": "VSNNUM and the version as one number, in plain text.",
    "ldap": "The entry about the directory itself: names of domains in plain text.",
    "rtsp": "RTSP/1.0 200 and the methods that the server knows.",
}


def steps(server_name: str) -> Mapping[str, list[Step]]:
    """Return the conversations; a server is named in its TLS hello."""
    return {
        "tls-versions": plain(*tls_versions.messages_for(server_name)),
        "telnet": plain(b"", b""),
        "ftp": plain(b"", ftp.FEATURES, ftp.GOODBYE),
        "smtp": plain(b"", smtp.HELLO, smtp.GOODBYE),
        "smb": plain(smb.OFFER_2, smb.OFFER_1),
        "mssql": plain(mssql.PRELOGIN),
        "mysql": plain(b""),
        "postgres": plain(postgres.TLS_REQUEST),
        "redis": plain(redis.INFO),
        "mongodb": plain(mongodb.IS_MASTER),
        "oracle": plain(oracle.ASK_VERSION),
        "ldap": plain(ldap.READ_ROOT, ldap.UNBIND),
        "rtsp": plain(rtsp.OPTIONS),
    }
