"""The resolver against a name server that lies, is silent, cuts and never ends."""

import struct
from collections.abc import Callable, Iterator

import pytest

from exposure.collectors.names.resolver import Limits, ask
from exposure.logic.names.chains import follow, values
from exposure.logic.names.messages import Answer, Question, Status
from exposure.services.resolving import never
from tests.name_server import PLANT, SERVERS, NameServer, serve_names

QUICK = Limits(rate_per_second=100_000, timeout=0.15, tries=2)


def asked(server: NameServer, *questions: Question, **options: object) -> list[Answer]:
    options = {"limits": QUICK, "should_stop": never, **options}
    where = [(SERVERS[0], server.port)]
    return list(ask(questions, resolvers=where, **options))  # type: ignore[arg-type]  # a test's options


def one(server: NameServer, name: str, type_: str = "A") -> Answer:
    (answer,) = asked(server, Question(name, type_))
    return answer


def header(data: bytes, flags: int, *counts: int) -> bytes:
    """Return the beginning of an answer that repeats the question."""
    end = data.index(0, 12) + 5
    return data[:2] + struct.pack("!5H", flags, *counts) + data[12:end]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("MX", "10 mail.plant.example"),
        ("NS", "ns1.plant.example"),
        ("TXT", "v=spf1 +all"),
        ("CAA", '0 issue "ca.example"'),
        (
            "SOA",
            "ns1.plant.example hostmaster.plant.example 1 3600 600 86400 300",
        ),
    ],
)
def test_every_type_of_record_is_read(
    server: NameServer, type_: str, value: str
) -> None:
    assert value in values(one(server, "plant.example", type_), type_)


def test_it_tells_no_such_name_from_no_such_record(server: NameServer) -> None:
    assert one(server, "nobody.plant.example").status is Status.NO_SUCH_NAME
    assert one(server, "sixth.plant.example").status is Status.ANSWERED
    assert one(server, "sixth.plant.example", "AAAA").records[0].value == "2001:db8::6"


def test_a_chain_is_followed_to_its_addresses(server: NameServer) -> None:
    chain = follow("vpn.plant.example", one(server, "vpn.plant.example").records)

    assert chain.names == ("edge.plant.example", "remote.plant.example")
    assert chain.addresses == ("127.79.2.2",)


def test_a_loop_of_cnames_fails_and_hangs_nobody(server: NameServer) -> None:
    assert one(server, "loop1.plant.example").status is Status.FAILED


def test_a_loop_inside_one_answer_is_endless(server: NameServer) -> None:
    def circle(data: bytes) -> bytes:
        name = data[12 : data.index(0, 12) + 1]
        itself = b"\xc0\x0c" + struct.pack("!HHIH", 5, 1, 60, len(name)) + name
        return header(data, 0x8180, 1, 1, 0, 0) + itself

    server.lies["vpn.plant.example", "A"] = circle
    answer = one(server, "vpn.plant.example")

    assert follow("vpn.plant.example", answer.records).is_endless


def test_what_was_cut_is_asked_again_over_tcp(server: NameServer) -> None:
    long = "x" * 250
    for number in range(20):
        server.know(f'many.plant.example. 60 IN TXT "{number} {long}"')

    def cut(data: bytes) -> bytes:
        # UDP and TCP come through the same lie: the second time is over TCP.
        del server.lies["many.plant.example", "TXT"]
        return header(data, 0x8380, 1, 0, 0, 0)

    server.lies["many.plant.example", "TXT"] = cut
    answer = one(server, "many.plant.example", "TXT")

    assert len(answer.records) == 20


LIES: dict[str, Callable[[bytes], bytes | None]] = {
    "silence": lambda _: None,
    "garbage": lambda data: data[:2] + b"\xff" * 200,
    "half a header": lambda data: data[:7],
    "another question": lambda data: (
        data[:2]
        + b"\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00\x03abc\x00\x00\x01\x00\x01"
    ),
    "another id": lambda data: (
        bytes([data[0] ^ 1, data[1]]) + header(data, 0x8180, 1, 0, 0, 0)[2:]
    ),
    "a pointer to itself": lambda data: (
        header(data, 0x8180, 1, 1, 0, 0)
        + struct.pack("!H", 0xC000 | (data.index(0, 12) + 5))
        + bytes(10)
    ),
    "a record past the end": lambda data: (
        header(data, 0x8180, 1, 1, 0, 0) + b"\xc0\x0c\x00\x01\x00\x01" + b"\xff" * 6
    ),
    "an address of three bytes": lambda data: (
        header(data, 0x8180, 1, 1, 0, 0)
        + b"\xc0\x0c"
        + struct.pack("!HHIH", 1, 1, 60, 3)
        + b"abc"
    ),
    "60 000 records": lambda data: header(data, 0x8180, 1, 60_000, 0, 0),
    "its own question": lambda data: data,
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_no_answer_and_ends_in_time(server: NameServer, lie: str) -> None:
    server.lies["vpn.plant.example", "A"] = LIES[lie]

    found = {
        each.question.name: each.status
        for each in asked(
            server, Question("vpn.plant.example"), Question("scada.plant.example")
        )
    }

    assert found["vpn.plant.example"] in {Status.SILENT, Status.GARBAGE}
    assert found["scada.plant.example"] is Status.ANSWERED


def test_a_lie_is_forgotten_when_the_truth_comes(server: NameServer) -> None:
    def lie_once(data: bytes) -> bytes:
        del server.lies["scada.plant.example", "A"]
        return data[:2] + b"\xff" * 40

    server.lies["scada.plant.example", "A"] = lie_once

    assert one(server, "scada.plant.example").records[0].value == "127.79.2.3"


def test_records_of_other_names_in_an_answer_count_for_nothing(
    server: NameServer,
) -> None:
    def poison(data: bytes) -> bytes:
        other = b"\x05other\x07example\x00" + struct.pack("!HHIH", 1, 1, 60, 4)
        return header(data, 0x8180, 1, 1, 0, 0) + other + bytes([198, 51, 100, 9])

    server.lies["vpn.plant.example", "A"] = poison
    answer = one(server, "vpn.plant.example")

    assert follow("vpn.plant.example", answer.records).addresses == ()


def test_labels_with_nul_and_newlines_become_visible(server: NameServer) -> None:
    def odd(data: bytes) -> bytes:
        target = b"\x05a\x00b\nc\x03<b>\x07example\x00"
        record = b"\xc0\x0c" + struct.pack("!HHIH", 5, 1, 60, len(target)) + target
        return header(data, 0x8180, 1, 1, 0, 0) + record

    server.lies["vpn.plant.example", "A"] = odd
    chain = follow("vpn.plant.example", one(server, "vpn.plant.example").records)

    assert chain.names == ("a\\000b\\010c.\\060b\\062.example",)


def test_a_resolver_that_is_not_there_ends_in_silence() -> None:
    with serve_names("127.78.53.7") as gone:
        port = gone.port

    answers = ask(
        [Question("vpn.plant.example")],
        resolvers=[("127.78.53.7", port)],
        should_stop=never,
        limits=QUICK,
    )

    assert [each.status for each in answers] == [Status.SILENT]


def test_the_second_resolver_answers_when_the_first_is_silent(
    server: NameServer,
) -> None:
    with serve_names("127.78.53.7") as other:
        other.know(PLANT)
        server.lies["scada.plant.example", "A"] = LIES["silence"]

        answers = ask(
            [Question("scada.plant.example")],
            resolvers=[(SERVERS[0], server.port), ("127.78.53.7", other.port)],
            should_stop=never,
            limits=QUICK,
        )

        assert [each.status for each in answers] == [Status.ANSWERED]


def test_after_a_stop_nothing_is_asked(server: NameServer) -> None:
    found: list[Answer] = []
    questions = (Question(f"n{number}.plant.example") for number in range(10_000))

    for answer in ask(
        questions,
        resolvers=[(SERVERS[0], server.port)],
        should_stop=lambda: len(found) >= 50,
        limits=Limits(rate_per_second=1_000_000, in_flight=20),
    ):
        found.append(answer)

    assert 50 <= len(found) < 200
    assert len(server.heard) < 300


def test_no_more_is_in_flight_than_allowed_and_questions_are_read_as_they_go(
    server: NameServer,
) -> None:
    read = 0

    def questions() -> Iterator[Question]:
        nonlocal read
        for number in range(10_000):
            read += 1
            yield Question(f"n{number}.plant.example")

    server.lies |= {
        (f"n{number}.plant.example", "A"): LIES["silence"] for number in range(100)
    }
    answers = ask(
        questions(),
        resolvers=[(SERVERS[0], server.port)],
        should_stop=never,
        limits=Limits(rate_per_second=1_000_000, in_flight=30, timeout=0.1, tries=1),
    )
    next(answers)
    answers.close()  # type: ignore[attr-defined]  # a generator

    assert read <= 30
