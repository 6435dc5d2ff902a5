"""What the IT probes make of answers, honest and otherwise."""

import asyncio

import pytest

from exposure.probes import (
    ftp,
    mongodb,
    mssql,
    mysql,
    oracle,
    redis,
    rtsp,
    smb,
    smtp,
    telnet,
)
from exposure.probes.base import Direction, Exchange, Outcome, Parsed, Probe
from tests.exposure.probes.stage import Handler, ask, impatient, saying
from tests.exposure.probes.test_transcripts import FOLDER, load

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


def heard(probe: Probe, *said: tuple[bytes, bytes]) -> Parsed:
    """Return what the probe makes of these messages and answers."""
    exchanges = []
    for message, answer in said:
        if message:
            exchanges.append(Exchange(0.0, Direction.SENT, message))
        exchanges.append(Exchange(0.0, Direction.RECEIVED, answer))
    return probe.parse(exchanges)


@pytest.mark.parametrize(
    ("greeting", "waits_for"),
    [
        (b"\r\nlogin: ", "name"),
        (b"User Access Verification\r\n\r\nPassword: ", "name"),
        (b"Benutzername: ", "name"),
        (b"Username:", "name"),
        (b"Welcome to RTR-4\r\nRTR-4#", "prompt"),
        (b"BusyBox v1.30.1 built-in shell (ash)\r\n\r\n~ # ", "prompt"),
        (b"NPort 5110\r\n 1. Basic\r\n 2. Serial\r\nEnter selection: ", "prompt"),
        (b"Password required, but none set\r\n", ""),
        (b"", ""),
    ],
)
def test_it_tells_what_a_telnet_server_waits_for(
    greeting: bytes, waits_for: str
) -> None:
    facts = heard(telnet.PROBE, (b"", b"\xff\xfd\x18" + greeting)).facts

    assert facts["asks_for_sign_in"] is (waits_for == "name")
    assert facts["prompt_without_sign_in"] is (waits_for == "prompt")


def test_telnet_refuses_each_known_option_once_and_types_nothing() -> None:
    async def nag(reader: Reader, writer: Writer) -> None:
        for _ in range(3):
            writer.write(
                b"\xff\xfd\x18\xff\xfb\x01\xff\xfb\x01\xff\xfd\xc8\xff\xfa\x18\1"
            )
            writer.write(b"\xff\xf0login: ")
            await writer.drain()
            await reader.read(100)

    result = ask(impatient(telnet.PROBE), nag)

    sent = [e.data for e in result.exchanges if e.direction is Direction.SENT]
    assert sent == [b"\xff\xfc\x18", b"\xff\xfe\x01"]
    assert result.facts["banner"] == "login: login:"


def test_telnet_gives_up_on_a_server_that_keeps_offering() -> None:
    async def flood(reader: Reader, writer: Writer) -> None:
        for option in range(256):
            writer.write(bytes([255, 251, option % 50]))
            await reader.read(3)

    result = ask(impatient(telnet.PROBE), flood)

    sent = [e.data for e in result.exchanges if e.direction is Direction.SENT]
    assert len(sent) <= telnet.MOST_ROUNDS * telnet.MOST_OPTIONS
    assert set(sent) <= set(telnet.PROBE.messages)


def test_telnet_takes_a_banner_without_a_prompt_for_no_telnet() -> None:
    assert (
        heard(telnet.PROBE, (b"", b"220 ready\r\n")).outcome is Outcome.OTHER_PROTOCOL
    )


@pytest.mark.parametrize(
    ("features", "offered"),
    [
        (b"211-Features:\r\n AUTH TLS\r\n UTF8\r\n211 End\r\n", True),
        (b"211-Features:\r\n AUTH SSL;TLS;\r\n211 End\r\n", True),
        (b"211-Features:\r\n UTF8\r\n211 End\r\n", False),
        (b"211 no-features\r\n", False),
        (b"500 Unknown command\r\n", False),
        (b"530 Please login with USER and PASS.\r\n", None),
    ],
)
def test_it_reads_whether_ftp_offers_encryption(
    features: bytes, *, offered: bool | None
) -> None:
    facts = heard(ftp.PROBE, (b"", b"220 vsFTPd 3.0.3\r\n"), (ftp.FEATURES, features))

    assert facts.facts.get("tls_offered") is offered


def test_ftp_does_not_take_a_mail_server_for_its_own() -> None:
    greeting = b"220 mail.example ESMTP Postfix\r\n"

    assert heard(ftp.PROBE, (b"", greeting)).outcome is Outcome.OTHER_PROTOCOL
    assert heard(smtp.PROBE, (b"", greeting)).outcome is Outcome.IDENTIFIED


def test_it_reads_what_a_mail_server_can_do() -> None:
    able = b"250-mail.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"

    facts = heard(smtp.PROBE, (b"", b"220 x ESMTP\r\n"), (smtp.HELLO, able)).facts

    assert facts["starttls_offered"] is True
    assert facts["sign_in_offered"] is True


def test_smtp_does_not_say_what_a_server_kept_to_itself() -> None:
    said = (b"", b"220 x ESMTP\r\n"), (smtp.HELLO, b"503 go away\r\n")

    assert "starttls_offered" not in heard(smtp.PROBE, *said).facts


def smb_answers(old: bytes, new: bytes) -> Handler:
    """Return a server that answers each version's offer; b"" hangs up."""

    async def handle(reader: Reader, writer: Writer) -> None:
        offer = await reader.read(4096)
        writer.write(old if offer[5:8] == b"SMB" and offer[4] == 0xFF else new)
        await writer.drain()

    return handle


def recorded(name: str, place: int) -> bytes:
    """Return one part of a recording."""
    return load(FOLDER / f"{name}.json")[2][place].data


def test_smb_tells_a_hang_up_from_silence() -> None:
    new = recorded("smb", 3)

    async def dumb(reader: Reader, writer: Writer) -> None:
        if (await reader.read(4096))[4] == 0xFF:
            await reader.read()
        writer.write(new)
        await writer.drain()

    hung_up = ask(impatient(smb.PROBE), smb_answers(b"", new))
    silent = ask(impatient(smb.PROBE), dumb)

    assert hung_up.facts["version_1_spoken"] is False
    assert "version_1_spoken" not in silent.facts
    assert silent.facts["dialect"] == "2.0.2"
    assert hung_up.connections == silent.connections == 2


def test_smb_reads_the_names_that_version_1_gives_away() -> None:
    words = (
        b"\0\0" + b"\x0f" + bytes(20) + (133_000_000_000_000_000).to_bytes(8, "little")
    )
    words += b"\0\0\x08"
    names = "PLANT\0HIST-01\0".encode("utf-16-le")
    packet = b"\xffSMB\x72" + bytes(4) + b"\x98" + bytes(22) + b"\x11" + words
    packet += (8 + len(names)).to_bytes(2, "little") + bytes(8) + names
    old = len(packet).to_bytes(4) + packet

    facts = ask(impatient(smb.PROBE), smb_answers(old, b"")).facts

    assert (facts["domain"], facts["server_name"]) == ("PLANT", "HIST-01")
    assert facts["signing_required"] is True
    assert facts["version_1_spoken"] is True
    assert str(facts["server_time"]).startswith("2022-06-")


def test_smb_takes_a_refusal_of_every_dialect_for_a_no() -> None:
    refusal = b"\xffSMB\x72" + bytes(4) + b"\x98" + bytes(22) + b"\x01\xff\xff\0\0"
    old = len(refusal).to_bytes(4) + refusal

    facts = ask(impatient(smb.PROBE), smb_answers(old, recorded("smb", 3))).facts

    assert facts["version_1_spoken"] is False
    assert facts["dialect"] == "2.0.2"


def test_mysql_reads_a_refusal_by_address() -> None:
    text = b"Host '192.0.2.9' is not allowed to connect to this MariaDB server"
    packet = b"\xff\x6a\x04" + text

    parsed = heard(
        mysql.PROBE, (b"", len(packet).to_bytes(3, "little") + b"\0" + packet)
    )

    assert parsed.facts["product"] == "MariaDB"
    assert parsed.facts["refused"] is True
    assert parsed.facts["error"] == 1130


def test_mysql_knows_a_mariadb_behind_its_prefix() -> None:
    packet = b"\x0a5.5.5-10.11.6-MariaDB\0" + bytes(13) + b"\xff\xff" + bytes(20)

    parsed = heard(
        mysql.PROBE, (b"", len(packet).to_bytes(3, "little") + b"\0" + packet)
    )

    assert parsed.facts["product"] == "MariaDB"
    assert parsed.facts["version"] == "10.11.6-MariaDB"
    assert parsed.facts["tls_offered"] is True


def test_redis_does_not_believe_a_length_that_is_none() -> None:
    for answer in (b"$-1\r\n", b"$x\r\n", b"$99999999\r\nredis", b"*1\r\n"):
        result = ask(impatient(redis.PROBE), saying(answer))

        assert result.outcome is not Outcome.IDENTIFIED


def test_redis_takes_protected_mode_for_a_no() -> None:
    answer = b"-DENIED Redis is running in protected mode because ...\r\n"

    assert (
        heard(redis.PROBE, (redis.INFO, answer)).facts["answers_without_password"]
        is False
    )


@pytest.mark.parametrize(
    ("number", "version"), [(186647552, "11.2.0.4.0"), (318767104, "19.0.0.0.0")]
)
def test_oracle_unpacks_both_kinds_of_version(number: int, version: str) -> None:
    text = b"(DESCRIPTION=(TMP=)(VSNNUM=%d)(ERR=1189))" % number
    packet = b'\0\0\4\0\0\0"\0' + len(text).to_bytes(2) + text
    answer = (len(packet) + 2).to_bytes(2) + packet

    assert heard(oracle.PROBE, (oracle.ASK_VERSION, answer)).facts["version"] == version


def test_mongodb_does_not_read_beyond_its_document() -> None:
    answer = recorded("mongodb", 1)
    at = answer.index(b"\x02me\0") + 4

    parsed = heard(
        mongodb.PROBE,
        (mongodb.IS_MASTER, answer[:at] + b"\xff\xff\xff\x7f" + answer[at + 4 :]),
    )

    assert "calls_itself" not in parsed.facts


def test_a_camera_may_ask_for_a_password() -> None:
    answer = b'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="cam"\r\n\r\n'

    facts = heard(rtsp.PROBE, (rtsp.OPTIONS, answer)).facts

    assert facts == {"status": 401, "www_authenticate": 'Basic realm="cam"'}


def test_a_decoy_of_sql_server_with_a_broken_table_is_survived() -> None:
    table = b"\0\xff\xff\xff\xff" * 20
    answer = b"\x04\x01" + (8 + len(table)).to_bytes(2) + bytes(4) + table

    assert (
        heard(mssql.PROBE, (mssql.PRELOGIN, answer)).outcome is Outcome.OTHER_PROTOCOL
    )
