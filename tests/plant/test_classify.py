import pytest

from plant.classify import Kind, Reader

READS = {
    "modbus": [
        "000100000005012b0e0100",
        "000200000006010300000001",
        "000300000006010800000000",
    ],
    "s7": [
        "0300001611e00000001400c1020100c2020102c0010a",
        "0300001902f08032010000000000080000f0000001000101e0",
        "0300002102f080320700000000000800080001120411440100ff09000400110001",
    ],
    "enip": [
        "63" + "00" * 23,
        "65000400" + "00" * 20 + "01000000",
        "6f001600" + "00" * 20 + "000000000500020000000000b20006000102200124 01",
    ],
    "iec104": ["680443000000"],
    "dnp3": ["056405c9010001009025", "05640bc401000100c22ec0c00100fe065db9"],
    "mms": [
        "0300001611e00000000100c0010dc2020001c1020001",
        "0300001b02f08001000100610e300c020103a007a0050201018200",
    ],
    "ads": [
        "0000200000007f000001010110277f0000010101898001000400000000000000000001000000"
    ],
}
CONTROLS = {
    "modbus": ["000100000006010500000000", "000300000006010800010000"],
    "s7": [
        "0300002502f08032010000000000 0e00060501120a1002000200018400 0000000400100000",
        "0300002102f0803201000000000010000029000000000009505f50524f4752414d",
    ],
    "enip": [
        "6f001600" + "00" * 20 + "000000000500020000000000b20006005402200624 01",
        # A write inside an unconnected send.
        "6f002200" + "00" * 20 + "000000000500020000000000b20012005202200624 01"
        "0a0a0600 4d0220042401 0000",
    ],
    "iec104": ["680407000000", "680e0000000064010600010000000014"],
    "dnp3": [
        "056405c001000100a0d1",
        "056412c4010001000000c0c0050c0128010000000301006400000000ff0000",
        "05640bc4010001000000c0c0013c0206ffff",
    ],
    "mms": ["0300001d02f080010001006110300e020103a009a007020101a5028000"],
    "ads": [
        "0000240000007f000001010110277f0000010101 8980 0500 0400 04000000 00000000"
        "01000000 00050000"
    ],
}


def cases(table):
    return [
        pytest.param(protocol, bytes.fromhex(message), id=f"{protocol}-{number}")
        for protocol, messages in table.items()
        for number, message in enumerate(messages)
    ]


@pytest.mark.parametrize(("protocol", "message"), cases(READS))
def test_it_knows_a_read(protocol, message):
    requests = Reader(protocol).feed(message)

    assert [request.kind for request in requests] == [Kind.READ]


@pytest.mark.parametrize(("protocol", "message"), cases(CONTROLS))
def test_it_knows_a_control_request(protocol, message):
    requests = Reader(protocol).feed(message)

    assert [request.kind for request in requests] == [Kind.CONTROL]


@pytest.mark.parametrize("protocol", list(READS))
def test_it_calls_a_foreign_message_unknown(protocol):
    requests = Reader(protocol).feed(b"GET / HTTP/1.0\r\nHost: plant\r\n\r\n")

    assert [request.kind for request in requests] == [Kind.UNKNOWN]


@pytest.mark.parametrize(("protocol", "message"), cases(READS))
def test_it_puts_a_message_together_that_came_in_pieces(protocol, message):
    reader = Reader(protocol)

    requests = [one for byte in message for one in reader.feed(bytes([byte]))]

    assert [request.data for request in requests] == [message]


@pytest.mark.parametrize("protocol", list(READS))
def test_it_separates_messages_that_came_together(protocol):
    messages = [bytes.fromhex(text) for text in READS[protocol]]

    requests = Reader(protocol).feed(b"".join(messages))

    assert [request.data for request in requests] == messages


def test_it_knows_the_first_question_of_s7comm_plus_and_no_other():
    asked, session = (
        bytes.fromhex(f"0300002102f08072010012310000{code}") + bytes(17)
        for code in ("05b3", "04ca")
    )

    requests = Reader("s7").feed(asked + session)

    assert [request.kind for request in requests] == [Kind.READ, Kind.CONTROL]


def test_it_reports_a_message_that_was_never_finished():
    reader = Reader("modbus")
    reader.feed(b"\0\1\0\0\0\6")

    left = reader.close()

    assert [request.label for request in left] == ["unfinished message"]


def test_it_keeps_a_protocol_it_cannot_read_as_raw_bytes():
    requests = Reader("vnc").feed(b"RFB 003.008\n")

    assert [(one.kind, one.data) for one in requests] == [(Kind.RAW, b"RFB 003.008\n")]
