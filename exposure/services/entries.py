"""What is in the scope as it was typed, and what this installation may scan at all."""

from django.conf import settings

from exposure.logic.scope_text import Network, ScopeEntry, ScopeError, parse_entry


def allowed_private() -> tuple[Network, ...]:
    """Return the private ranges that this installation may scan."""
    return tuple(settings.SCAN_ALLOWED_PRIVATE_RANGES)


def ours() -> tuple[Network, ...]:
    """Return the networks of this installation itself, which are never a target."""
    return (*_sources(), *settings.SCAN_OWN_RANGES)


def typed_entry(value: str) -> ScopeEntry:
    """Return what a person typed. Raises ScopeError with the reason in words."""
    return parse_entry(value, allowed_private=allowed_private(), ours=ours())


def read_entry(value: str) -> ScopeEntry | None:
    """Return a stored entry; None where this installation may not scan it any more."""
    try:
        return typed_entry(value)
    except ScopeError:
        return None


def published_sources() -> list[str]:
    """Return the addresses that our packets come from, as people write them."""
    return [str(each).removesuffix(f"/{each.max_prefixlen}") for each in _sources()]


def _sources() -> tuple[Network, ...]:
    return tuple(settings.SCAN_SOURCE_ADDRESSES)
