"""Every source there is."""

from collections.abc import Mapping

from exposure.collectors.passive import censys, crtsh, internetdb, rdap, shodan
from exposure.collectors.passive.contract import Source

SOURCES: tuple[Source, ...] = (
    crtsh.SOURCE,
    rdap.SOURCE,
    internetdb.SOURCE,
    shodan.SOURCE,
    censys.SOURCE,
)
BY_NAME: Mapping[str, Source] = {source.name: source for source in SOURCES}
