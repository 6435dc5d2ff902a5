"""A whole run against targets that mean harm: it ends, keeps little, and stays inside."""

import contextlib
import json
import socket
import struct
import sys
import unicodedata
from collections.abc import Iterable, Iterator

import pytest

from exposure.logic.names.chains import Chain
from exposure.models import (
    Asset,
    Observation,
    RunEvent,
    RunTarget,
    Service,
    Stage,
    TargetState,
)
from exposure.probes import dialer
from exposure.services import targets
from tenants.scope import workspace_scope
from tests.exposure.services.conftest import Yard
from tests.exposure.services.servers import PAGE, Answer, free_port, saying, serve

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

MEGABYTES = 10_000_000
# Control, format, private and unassigned characters, and breaks of lines.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
PAGE_HEAD = b"HTTP/1.1 200 OK\r\nServer: \xff\xfe\x00x\r\n\r\n"
METADATA = "169.254.169.254"
RESOLVER = {"127.0.0.1"}  # who is asked for names in tests; nobody answers
STRANGER = "127.80.3.3"  # may be scanned here, but is in nobody's scope


def reset(plug: socket.socket) -> None:
    """Break the connection off with a reset."""
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def loud(plug: socket.socket) -> None:
    """Greet with ten megabytes."""
    for _ in range(MEGABYTES // 100_000):
        plug.sendall(b"220 " + b"A" * 99_996)


def half_a_handshake(plug: socket.socket) -> None:
    """Begin a TLS handshake and never finish it."""
    plug.recv(10)
    plug.sendall(bytes.fromhex("160303010002"))
    while plug.recv(4096):
        pass


def page(title: bytes) -> Answer:
    """Return a service with a page of this title."""
    return saying(PAGE_HEAD + b"<title>" + title + b"</title>")


def redirect(to: str) -> Answer:
    """Return a service that sends everybody elsewhere."""
    return saying(f"HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n".encode())


# One address each; what stands behind it, and what is expected there.
HOSTILE: dict[str, tuple[Answer, str]] = {
    "garbage": (saying(bytes(range(255, -1, -1)) * 8), "http"),
    "half an answer": (saying(b"HTTP/1.1 200 O"), "http"),
    "half a frame": (saying(bytes.fromhex("000100000030 01 2b")), "modbus"),
    "a storm of resets": (reset, "http"),
    "ten megabytes of banner": (loud, "banner"),
    "ten megabytes before SSH": (loud, "ssh"),
    "TLS that never finishes": (half_a_handshake, "tls"),
    "invalid UTF-8": (page(b"\xff\xfe\xed\xa0\x80 \xf0\x9f"), "http"),
    "NULs": (page(b"A\x00B\x00"), "http"),
    "text that turns around": (page("\u202ePLC\u2066".encode()), "http"),
    "a script": (page(b"<script>alert(1)</script>"), "http"),
    "a formula": (page(b"=HYPERLINK(1)"), "http"),
    "a redirect to metadata": (redirect(f"http://{METADATA}/latest/"), "http"),
    "a redirect to a stranger": (redirect("http://127.80.3.3:80/"), "http"),
    "a redirect to a name": (redirect("http://localhost:22/"), "http"),
}

CONNECTED: list[tuple[str, int]] = []
_WATCHING: list[bool] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _WATCHING and event == "socket.connect" and isinstance(arguments[1], tuple):
        CONNECTED.append(arguments[1][:2])


sys.addaudithook(_note)


@contextlib.contextmanager
def every_connect() -> Iterator[list[tuple[str, int]]]:
    """Note each address that this process connects to, from any thread."""
    CONNECTED.clear()
    _WATCHING.append(True)
    try:
        yield CONNECTED
    finally:
        _WATCHING.clear()


def test_a_run_survives_every_hostile_target_and_stays_inside_its_scope(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialer, "HANDSHAKE_SECONDS", 0.3)
    where = {name: f"127.79.4.{n}" for n, name in enumerate(HOSTILE, start=1)}
    for name, address in where.items():
        yard.permit(address, hint=HOSTILE[name][1])

    with contextlib.ExitStack() as stack:
        for name, address in where.items():
            stack.enter_context(serve(address, yard.port, HOSTILE[name][0]))
        stranger = stack.enter_context(serve(STRANGER, 80, saying(PAGE)))
        connected = stack.enter_context(every_connect())
        run = yard.discover()

    assert run.stage == Stage.VALIDATE
    assert stranger.connections == 0
    touched = {each for each in connected if each[0] not in RESOLVER}
    assert {address for address, _ in touched} == set(where.values())
    assert {port for _, port in touched} == {yard.port}
    with workspace_scope():
        states = set(RunTarget.objects.values_list("state", flat=True))
        heard = list(Observation.objects.all())
        shown = [
            *Service.objects.values_list("product", flat=True),
            *Asset.objects.values_list("name", flat=True),
            *RunEvent.objects.values_list("text", flat=True),
            *(json.dumps(each.facts, ensure_ascii=False) for each in heard),
        ]
    assert states == {TargetState.DONE}
    # A port that resets at once may count as closed: then nothing asks it.
    silent = set(where.values()) - {each.address for each in heard}
    assert silent <= {where["a storm of resets"]}
    assert max(kept(each) for each in heard) <= 512 * 1024
    assert [text for text in shown if is_hiding(text)] == []


def is_hiding(text: str) -> bool:
    """Say whether a text holds what no reader would see."""
    return not HIDDEN.isdisjoint(unicodedata.category(each) for each in text)


def kept(observation: Observation) -> int:
    """Return how many bytes of both sides are stored."""
    return sum(len(row["hex"]) for row in observation.exchanges) // 2


def test_a_name_that_flips_between_check_and_use_leads_nowhere_else(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    yard.permit("127.79.5.0/30", port=port)
    yard.permit("vpn.northmill.example", port=port)
    answers = ["127.79.5.1", STRANGER, METADATA]
    asked: list[str] = []

    def flip(names: Iterable[str], **_: object) -> dict[str, Chain]:
        asked.extend(names)
        address = answers[min(len(asked), len(answers)) - 1]
        return {name: Chain(addresses=(address,)) for name in asked}

    monkeypatch.setattr(targets, "chains_of", flip)

    with (
        serve("127.79.5.1", port, saying(PAGE)) as mine,
        serve(STRANGER, port, saying(PAGE)) as stranger,
        every_connect() as connected,
    ):
        yard.discover()

    assert mine.connections == 2
    assert stranger.connections == 0
    touched = {address for address, _ in connected} - RESOLVER
    assert touched <= {"127.79.5.1", "127.79.5.2"}
    assert asked == ["vpn.northmill.example"]  # once; what was checked is what is used
