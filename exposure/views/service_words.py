"""What answers on a port, in words."""

from exposure.models import Observation, Service
from exposure.probes.base import Outcome

UNNAMED = {"tcp", "udp"}  # something answers, and no probe could say what


def words_of(service: Service) -> str:
    """Return the protocol and the product; read the service with its observation.

    An answer that no protocol explains is told as such, and which one was expected.
    What a decoy may have said is told with the doubt.
    """
    words = _words_of(service)
    return f"{words} ({service.doubt})" if service.doubt else words


def _words_of(service: Service) -> str:
    if service.protocol not in UNNAMED:
        return ", ".join(filter(None, (service.protocol, service.product)))
    # None: a run of a site that is not the reader's saw it.
    seen: Observation | None = getattr(service, "observation", None)
    if seen and seen.outcome == Outcome.ANOMALY and seen.probe not in UNNAMED:
        return f"answers, but not as {seen.probe.upper()} should"
    return "open, what it speaks is not known"
