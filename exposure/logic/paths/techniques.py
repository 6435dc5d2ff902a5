"""Which ATT&CK techniques a hop is made of, in the order in which they are used."""

from collections.abc import Iterable, Iterator, Mapping

from exposure.logic.paths import rules
from exposure.logic.paths.results import CauseRow, Hop
from exposure.logic.paths.sight import STEP
from exposure.logic.paths.snapshot import VendorAccessRow

ARRIVES_BY = {
    "service": rules.SEEN.technique,
    "conduit": rules.CONDUIT.technique,
    "same_zone": rules.SAME_ZONE.technique,
    "vendor": rules.VENDOR.technique,
    "phishing": rules.PHISHING.technique,
}


def techniques_of(
    hop: Hop,
    causes: Mapping[str, CauseRow],
    vendor_accesses: Iterable[VendorAccessRow],
) -> tuple[str, ...]:
    """Return the ATT&CK for ICS ids of a hop, each once; () for one out of sight.

    A stored hop names the last one only. The others follow from its causes (all by id):
    each stands for one rule of the model. A conduit that a vendor comes through is a part
    of the vendor's access, and no move of its own.
    """
    if hop.how == STEP:
        return ()
    used = [causes[key] for key in hop.cause_ids if key in causes]
    came = {cause.subject_id for cause in used if cause.kind == "vendor"}
    through = {row.conduit_id for row in vendor_accesses if row.id in came}
    told = (*_told(used, through - {""}), hop.technique)
    return tuple(dict.fromkeys(each for each in told if each))


def _told(used: Iterable[CauseRow], through: set[str]) -> Iterator[str]:
    for cause in used:
        if cause.kind == "credential":
            yield rules.HELD.technique  # nobody signs in with what is held nowhere
            yield rules.LOGIN.technique
        elif cause.kind in ARRIVES_BY and not (
            cause.kind == "conduit" and cause.subject_id in through
        ):
            yield ARRIVES_BY[cause.kind]
