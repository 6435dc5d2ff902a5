"""From DNS records to plain facts, and from facts to what is worth saying about them.

Facts are flat, like those of a probe, so that weakness checks can read them: a missing
key means that nobody asked, "unknown" that the answer did not come.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from exposure.logic.names.chains import Chain, values
from exposure.logic.names.messages import Answer, Status
from exposure.logic.names.providers import who_gives

Fact: TypeAlias = str | int | bool | list[str]
Facts: TypeAlias = dict[str, Fact]

MISSING, PRESENT, SEVERAL, UNKNOWN = "missing", "present", "several", "unknown"
KNOWN = frozenset({Status.ANSWERED, Status.NO_SUCH_NAME})
MOST_VALUES = 50
_SPF_ALL = re.compile(r"(?:^|\s)([+?~-]?)all(?=\s|$)", re.IGNORECASE)
_DMARC_POLICY = re.compile(r";\s*p\s*=\s*([a-z]+)", re.IGNORECASE)


def is_known(answer: Answer | None) -> bool:
    """Whether the DNS said something for certain: a record, or that there is none."""
    return answer is not None and answer.status in KNOWN


def spf_facts(answer: Answer | None) -> Facts:
    """Return the sender policy (RFC 7208) of a domain, and what it does with the rest.

    `spf_all` is "+", "?", "~" or "-", or "redirect", "none", "missing", "several",
    "unknown".
    """
    if not is_known(answer):
        return {"spf_all": UNKNOWN}
    found = [
        text
        for text in values(answer, "TXT")
        if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")
    ]
    if len(found) != 1:
        return {"spf_all": SEVERAL if found else MISSING}
    match = _SPF_ALL.search(found[0])
    if match:
        rest = match[1] or "+"
    else:
        rest = "redirect" if "redirect=" in found[0].lower() else "none"
    return {"spf": found[0], "spf_all": rest}


def dmarc_facts(answer: Answer | None) -> Facts:
    """Return the mail policy (RFC 7489) that `_dmarc` below a domain publishes.

    `dmarc_policy` is "none", "quarantine", "reject", "missing", "invalid", "unknown".
    """
    if not is_known(answer):
        return {"dmarc_policy": UNKNOWN}
    found = [
        text
        for text in values(answer, "TXT")
        if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text)
    ]
    if len(found) != 1:
        return {"dmarc_policy": "invalid" if found else MISSING}
    match = _DMARC_POLICY.search(found[0])
    policy = match[1].lower() if match else "invalid"
    valid = policy in {"none", "quarantine", "reject"}
    return {"dmarc": found[0], "dmarc_policy": policy if valid else "invalid"}


def caa_facts(answer: Answer | None) -> Facts:
    """Return which authorities may issue certificates (RFC 8659)."""
    if not is_known(answer):
        return {"caa": UNKNOWN}
    found = values(answer, "CAA")[:MOST_VALUES]
    return {"caa": PRESENT, "caa_records": found} if found else {"caa": MISSING}


def place_facts(answers: Sequence[Answer], chain: Chain, *, nowhere: bool) -> Facts:
    """Return where a name leads, and whether its end could be claimed by somebody."""
    facts: Facts = {"addresses": list(chain.addresses)[:MOST_VALUES]}
    if chain.names:
        facts["cnames"] = list(chain.names)
    if chain.is_endless:
        facts["endless"] = True
    if nowhere:
        facts["dangling"] = chain.names[-1]
        if provider := who_gives(chain.names[-1]):
            facts["claimable"] = provider
    if all(each.status is Status.NO_SUCH_NAME for each in answers) and not chain.names:
        facts["resolves"] = "no such name"
    elif chain.addresses:
        facts["resolves"] = "yes"
    elif all(is_known(each) for each in answers):
        facts["resolves"] = "no address"
    else:
        facts["resolves"] = UNKNOWN
    return facts


@dataclass(frozen=True, slots=True)
class Note:
    """One thing worth knowing; `band` says when to act ("" for information only)."""

    code: str
    band: str
    text: str


SIMPLE = {
    ("spf_all", "+"): (
        "spf-all",
        "out_of_cycle",
        "SPF ends with +all: every server on the internet may send mail as this domain.",
    ),
    ("spf_all", "?"): (
        "spf-neutral",
        "scheduled",
        "SPF ends with ?all, which forbids nobody anything.",
    ),
    ("spf_all", SEVERAL): (
        "spf-several",
        "scheduled",
        "There are several SPF records, so receivers ignore all of them.",
    ),
    ("spf_all", MISSING): (
        "spf-missing",
        "scheduled",
        "There is no SPF record: nothing says which servers may send mail as this domain.",
    ),
    ("dmarc_policy", MISSING): (
        "dmarc-missing",
        "scheduled",
        "There is no DMARC record: receivers are not told what to do with forged mail.",
    ),
    ("dmarc_policy", "invalid"): (
        "dmarc-invalid",
        "scheduled",
        "The DMARC record cannot be read, so receivers ignore it.",
    ),
    ("dmarc_policy", "none"): (
        "dmarc-none",
        "scheduled",
        "DMARC says p=none: forged mail is reported at most, and delivered.",
    ),
    ("caa", MISSING): (
        "caa-missing",
        "",
        "No CAA record: every certificate authority may issue for this domain.",
    ),
    ("dnssec", "broken"): (
        "dnssec-broken",
        "out_of_cycle",
        "DNSSEC signatures do not hold: resolvers that check them find nothing here.",
    ),
    ("dnssec", "island"): (
        "dnssec-island",
        "scheduled",
        "The zone is signed, but its parent has no DS record, so nobody checks it.",
    ),
    ("dnssec", "unsigned"): (
        "dnssec-unsigned",
        "",
        "The zone is not signed with DNSSEC: forged answers cannot be told apart.",
    ),
    ("endless", True): (
        "endless",
        "scheduled",
        "Its CNAMEs go round in a circle, or further than anybody follows.",
    ),
}


def notes(facts: Mapping[str, Fact]) -> list[Note]:
    """Return what is worth knowing about a name, what to act on first."""
    found = [
        Note(*SIMPLE[key, value])
        for key, value in facts.items()
        if isinstance(value, str | bool) and (key, value) in SIMPLE
    ]
    found += [*_about_the_end(facts), *_about_servers(facts)]
    order = {"immediate": 0, "out_of_cycle": 1, "scheduled": 2, "": 3}
    return sorted(found, key=lambda note: (order[note.band], note.code))


def to_act_on(facts: Mapping[str, Fact]) -> int:
    """Return how many of the notes ask for an act."""
    return sum(1 for note in notes(facts) if note.band)


def _about_the_end(facts: Mapping[str, Fact]) -> list[Note]:
    found = []
    if target := facts.get("dangling"):
        if provider := facts.get("claimable"):
            text = (
                f"It leads to {target}, which has no address. Names there are given out by "
                f"{provider}: it could be claimed by anybody. Nobody has tried."
            )
            found.append(Note("claimable", "immediate", text))
        else:
            text = f"It leads to {target}, which has no address. Take the record away."
            found.append(Note("dangling", "scheduled", text))
    if outside := facts.get("outside"):
        text = (
            f"It points outside the authorised ranges: {_listed(outside)}. "
            "Nothing is sent there."
        )
        found.append(Note("outside", "", text))
    if below := facts.get("wildcards"):
        text = f"Every name below {_listed(below)} answers: a wildcard."
        found.append(Note("wildcard", "", text))
    return found


def _about_servers(facts: Mapping[str, Fact]) -> list[Note]:
    found = []
    if open_at := facts.get("transfer_open"):
        text = f"{_listed(open_at)} gives the whole zone to anybody who asks (AXFR)."
        found.append(Note("transfer-open", "out_of_cycle", text))
    if lame := facts.get("lame"):
        text = f"{_listed(lame)} should answer for this zone, and does not."
        found.append(Note("lame", "scheduled", text))
    return found


def _listed(value: Fact) -> str:
    names = value if isinstance(value, list) else [str(value)]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
