"""Outgoing HTTP to addresses that users type: pinned, bounded and never redirected.

A hostile address must not reach our own network, a hostile server must not hold a
worker. A firewall around the workers belongs to the installation all the same.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as ResolveTimeout
from dataclasses import dataclass, field
from functools import cache

from urllib3.connection import HTTPConnection, HTTPSConnection

from common.addresses import Address, Network, is_allowed, may_reach, parse_address
from common.errors import DomainError
from common.exchange import KEPT_HEADERS, MAX_ANSWER, Exchange, OutgoingFailed
from common.targets import Target, parse_target

PUBLIC_PORTS = (443, 8443)

Resolver = Callable[[str, int], Sequence[str]]


class OutgoingRefused(DomainError):
    """Our own rules forbid this address; nothing was sent."""


@dataclass(frozen=True)
class Response:
    """What came back: at most `largest` bytes of body, exactly as sent, never decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


def resolve_by_system(host: str, port: int) -> list[str]:
    """Ask the system's resolver; raises OSError when the name has no address."""
    answers = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return [str(sockaddr[0]) for *_, sockaddr in answers]


@cache
def system_trust() -> ssl.SSLContext:
    """Return the certificate authorities of this machine, read once."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class OutgoingClient:
    """An HTTP client that connects only where an outsider's address may lead.

    `private` are the ranges that the instance's admin opened; only inside them are
    plain http, other ports and addresses without a name accepted. Times in seconds;
    `total` covers everything from the first look-up to the last byte read. Of an answer
    `largest` bytes are read, and the rest is not; of its headers those that are `kept`.
    """

    private: Sequence[Network] = ()
    resolve: Resolver = resolve_by_system
    connect_timeout: float = 5.0
    total: float = 15.0
    largest: int = MAX_ANSWER
    kept: Sequence[str] = KEPT_HEADERS
    trust: ssl.SSLContext = field(default_factory=system_trust)

    def __post_init__(self) -> None:
        # A certificate vouches for its alternative names; OpenSSL still falls back.
        self.trust.hostname_checks_common_name = False

    def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Response:
        """Send a POST and return the answer whatever its status, redirects included.

        Raises OutgoingRefused before anything is sent, OutgoingFailed afterwards.
        """
        return self._request("POST", url, body=body, headers=headers)

    def get(self, url: str, *, headers: Mapping[str, str]) -> Response:
        """Send a GET; otherwise as `post`."""
        return self._request("GET", url, body=None, headers=headers)

    def check(self, url: str) -> None:
        """Raise OutgoingRefused if the address as written can never be accepted.

        For forms: nothing is looked up, so a name may still be refused later.
        """
        target = parse_target(url, refusal=OutgoingRefused)
        literal = parse_address(target.host)
        self._check_target(target, [literal] if literal else [])

    def _request(
        self, method: str, url: str, *, body: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        began = time.monotonic()
        target = parse_target(url, refusal=OutgoingRefused)
        address = self._pin(target)
        with Exchange(
            self._connection(target, address),
            host=target.host,
            largest=self.largest,
            kept=self.kept,
        ) as exchange:
            left = self.total - (time.monotonic() - began)
            sent = {
                "Accept-Encoding": "identity",  # what is not asked for is not unpacked
                **headers,
                "Host": target.authority,
            }
            answer = exchange.ask(
                method, target.path, body=body, headers=sent, seconds=left
            )
            return Response(*answer, seconds=time.monotonic() - began)

    def _pin(self, target: Target) -> Address:
        """Look the name up once; refuse it if any one answer is refused."""
        literal = parse_address(target.host)
        self._check_target(target, [literal] if literal else [])
        if literal:
            return literal
        addresses = self._look_up(target)
        self._check_target(target, addresses)
        return addresses[0]

    def _look_up(self, target: Target) -> list[Address]:
        answers = _within(
            self.connect_timeout, lambda: self.resolve(target.host, target.port)
        )
        parsed = [parse_address(text.partition("%")[0]) for text in answers]
        addresses = [address for address in parsed if address]
        if not addresses or len(addresses) != len(parsed):
            raise OutgoingFailed("The name of the address could not be resolved.")
        return addresses

    def _check_target(self, target: Target, addresses: Sequence[Address]) -> None:
        if not all(may_reach(each, private=self.private) for each in addresses):
            raise OutgoingRefused(
                "The address leads to a network that we do not send to. "
                "Only public addresses are allowed."
            )
        if addresses and all(
            is_allowed(each, private=self.private) for each in addresses
        ):
            return
        # Nothing looked up yet: with opened ranges, a name may still lead into one.
        if not addresses and self.private:
            return
        if target.scheme != "https":
            raise OutgoingRefused("The address must begin with https://.")
        if target.port not in PUBLIC_PORTS:
            raise OutgoingRefused("Only the ports 443 and 8443 are allowed.")
        if parse_address(target.host):
            raise OutgoingRefused("The address must hold a host name, not a number.")

    def _connection(self, target: Target, address: Address) -> HTTPConnection:
        if target.scheme == "http":
            return HTTPConnection(
                str(address), target.port, timeout=self.connect_timeout
            )
        return HTTPSConnection(
            str(address),
            target.port,
            timeout=self.connect_timeout,
            server_hostname=target.host,
            ssl_context=self.trust,
        )


def _within(seconds: float, look_up: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Return what a look-up returns, or stop waiting: the system's has no clock."""
    found: Future[Sequence[str]] = Future()

    def run() -> None:
        try:
            found.set_result(look_up())
        except (OSError, UnicodeError) as error:
            found.set_exception(error)

    threading.Thread(target=run, daemon=True, name="outgoing-resolve").start()
    try:
        return found.result(timeout=seconds)
    except (OSError, UnicodeError, ResolveTimeout) as error:
        raise OutgoingFailed(
            "The name of the address could not be resolved."
        ) from error
