"""Asks whether a token is published: in the DNS, or in a file on a web server.

Both are bounded in time and bytes. The file is fetched from a literal address that the
fence permits, whatever the name points at a moment later; no redirect is followed.
"""

import ipaddress
from collections.abc import Callable, Sequence

import dns.exception
import dns.nameserver
import dns.resolver
from urllib3.connection import HTTPConnection

from common.exchange import Exchange, OutgoingFailed
from exposure.logic.scope import Permit, Refusal

# All of a check together stays below the lease of a job, 20 seconds unless set lower.
RESOLVE_SECONDS = 3.0
CONNECT_SECONDS = 3.0
FETCH_SECONDS = 5.0
LARGEST = 1024  # bytes of the file that are read
HTTP_PORT = 80
FOUND, REDIRECTS = 200, range(300, 400)
MOST_ADDRESSES = 16
LABEL = "_sightline-challenge"

Resolvers = Sequence[tuple[str, int]]
PermitCallback = Callable[[str, int], Permit | Refusal]


class NotShown(Exception):
    """The token was not found there; the text says why, in words."""


def file_path(token: str) -> str:
    """Return where on a web server the token has to be."""
    return f"/.well-known/sightline-{token}.txt"


def check_dns(name: str, *, token: str, resolvers: Resolvers) -> None:
    """Look for the token in the TXT records below a name. Raises NotShown."""
    asked = f"{LABEL}.{name}"
    try:
        answer = _resolver(resolvers).resolve(asked, "TXT", search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as error:
        raise NotShown(f"There is no TXT record at {asked}.") from error
    except dns.exception.DNSException as error:
        raise NotShown(f"No name server answered for {asked}.") from error
    if not any(b"".join(record.strings) == token.encode() for record in answer):
        raise NotShown(f"No TXT record at {asked} is the token.")


def addresses_of(name: str, *, resolvers: Resolvers) -> list[str]:
    """Return what a name points at now, IPv4 first; raises NotShown for nothing."""
    resolver, found = _resolver(resolvers), []
    for kind in ("A", "AAAA"):
        try:
            answer = resolver.resolve(name, kind, search=False)
        except dns.exception.DNSException:
            continue
        found += [str(ipaddress.ip_address(record.address)) for record in answer]
    if not found:
        raise NotShown(f"{name} points at no address.")
    return found[:MOST_ADDRESSES]


def check_http(
    addresses: Sequence[str],
    *,
    host: str,
    token: str,
    permit: PermitCallback,
    agent: str,
) -> None:
    """Look for the token in the file on the first address. Raises NotShown.

    Every address must be permitted, or nothing is sent: a name that points partly out
    of what may be touched proves nothing.
    """
    for address in addresses:
        verdict = permit(address, HTTP_PORT)
        if isinstance(verdict, Refusal):
            raise NotShown(f"Nothing was sent: {verdict.reason}")
    status, body = _fetch(addresses[0], host=host, path=file_path(token), agent=agent)
    if status in REDIRECTS:
        raise NotShown("The web server sends us elsewhere; we do not follow.")
    if status != FOUND:
        raise NotShown(f"The web server answered {status} for the file.")
    if body.strip() != token.encode():
        raise NotShown("The file does not hold the token alone.")


def _fetch(address: str, *, host: str, path: str, agent: str) -> tuple[int, bytes]:
    plug = HTTPConnection(address, HTTP_PORT, timeout=CONNECT_SECONDS)
    headers = {
        "Host": f"[{host}]" if ":" in host else host,
        "User-Agent": agent,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    try:
        with Exchange(plug, host=host, largest=LARGEST) as exchange:
            status, _, body = exchange.ask(
                "GET", path, body=None, headers=headers, seconds=FETCH_SECONDS
            )
    except OutgoingFailed as error:
        raise NotShown(str(error)) from error
    return status, body


def _resolver(resolvers: Resolvers) -> dns.resolver.Resolver:
    made = dns.resolver.Resolver(configure=not resolvers)
    if resolvers:
        made.nameservers = [
            dns.nameserver.Do53Nameserver(address, port) for address, port in resolvers
        ]
    made.timeout, made.lifetime = RESOLVE_SECONDS / 2, RESOLVE_SECONDS
    made.cache = None
    return made
