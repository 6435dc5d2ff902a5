"""Asks this installation's resolvers, at the pace that the settings allow."""

from collections.abc import Callable, Iterable

import dns.exception
import dns.resolver
from django.conf import settings

from common.errors import DomainError
from exposure.collectors.names.resolver import Limits, ask
from exposure.collectors.pacing import Endpoint
from exposure.logic.names.chains import Chain, follow
from exposure.logic.names.messages import Answer, Question, Record

ADDRESS_TYPES = ("A", "AAAA")


class NoResolver(DomainError):
    """There is nobody to ask for names."""


def never() -> bool:
    """Say that nobody stops it."""
    return False


def resolvers() -> list[Endpoint]:
    """Return who is asked: the setting, or the resolvers of the machine.

    Raises NoResolver when there is none.
    """
    if settings.DNS_RESOLVERS:
        return list(settings.DNS_RESOLVERS)
    try:
        own = dns.resolver.Resolver().nameservers
    except (dns.exception.DNSException, OSError) as error:
        raise NoResolver("This machine has no resolver for names.") from error
    # An address with an interface behind it means something to that interface only.
    return [(str(each), 53) for each in own if "%" not in str(each)]


def look_up(
    questions: Iterable[Question], *, should_stop: Callable[[], bool] = never
) -> dict[Question, Answer]:
    """Ask all of it; after a stop some answers are missing."""
    wanted = list(questions)
    if not wanted:
        return {}
    limits = Limits(rate_per_second=settings.DNS_QUERIES_PER_SECOND)
    answers = ask(wanted, resolvers=resolvers(), should_stop=should_stop, limits=limits)
    try:
        return {answer.question: answer for answer in answers}
    except OSError as error:
        raise NoResolver("There is no way to any resolver for names.") from error


def chains_of(
    names: Iterable[str], *, should_stop: Callable[[], bool] = never
) -> dict[str, Chain]:
    """Return where names lead at this moment; nothing is remembered between two calls."""
    wanted = list(dict.fromkeys(names))
    found = look_up(
        (Question(name, type_) for name in wanted for type_ in ADDRESS_TYPES),
        should_stop=should_stop,
    )
    return {name: chain_in(name, found) for name in wanted}


def chain_in(name: str, found: dict[Question, Answer]) -> Chain:
    """Return where a name leads by both kinds of address."""
    records: list[Record] = []
    for type_ in ADDRESS_TYPES:
        if answer := found.get(Question(name, type_)):
            records += answer.records
    return follow(name, records)
