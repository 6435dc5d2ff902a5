"""The rules of the attack model, one table that people can read and argue about."""

import re
from dataclasses import dataclass
from typing import Final

PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: who holds all `premises` and is lucky with `cause` wins.

    `cause` "" is certain. `technique` is an ATT&CK for ICS id; findings bring their
    own. `sentence` is what people read about one step; the compiler fills in the names.
    """

    name: str
    premises: tuple[str, ...]
    wins: str
    cause: str
    technique: str
    sentence: str


SEEN = Rule(
    name="seen",
    premises=("presence where the service was seen from (the internet, a zone)",),
    wins="packets arrive at the service",
    cause="the service answered",
    technique="T0883",
    sentence="{asset} answers on port {port}, seen from {origin}",
)
CONDUIT = Rule(
    name="conduit",
    premises=("presence in the zone a conduit starts from",),
    wins="packets arrive at the services behind it, on its ports",
    cause="the conduit is really open",
    technique="T0886",
    sentence="{conduit} lets {origin} reach {asset} on port {port}",
)
SAME_ZONE = Rule(
    name="same zone",
    premises=("presence in the zone of the asset",),
    wins="packets arrive at its services",
    cause="nothing filters inside the zone (one cause for the zone)",
    technique="T0886",
    sentence="{asset}, port {port}, stands in the same zone; no filter is known",
)
VENDOR = Rule(
    name="vendor",
    premises=("the internet",),
    wins="presence at what a vendor's access leads to: a zone, or packets at its ports",
    cause="somebody comes in through this access; where it uses a conduit, that is open",
    technique="T0822",
    sentence="The remote access of {vendor} leads to {place}",
)
PHISHING = Rule(
    name="phishing",
    premises=("the internet",),
    wins="presence in an office zone (level 4 or 5)",
    cause="mail gives a foothold there; assumed, and off unless the policy says so",
    technique="T0865",
    sentence="Mail gives a foothold in {zone}, which is assumed",
)
CONTROL = Rule(
    name="control",
    premises=("packets arrive at a weak service",),
    wins="control of the asset",
    cause="the finding is exploitable",
    technique="",
    sentence="{ref}, {title}, gives control of {asset}",
)
FOOTHOLD = Rule(
    name="foothold",
    premises=("packets arrive at a weak service",),
    wins="code runs on the asset",
    cause="the finding is exploitable",
    technique="",
    sentence="{ref}, {title}, gives a foothold on {asset}",
)
HELD = Rule(
    name="held",
    premises=(
        "control of an asset that holds a credential; where it is stored there, a "
        "foothold is enough",
    ),
    wins="the credential",
    cause="",
    technique="T0893",
    sentence="{asset} holds {credential}",
)
LOGIN = Rule(
    name="login",
    premises=("packets arrive at a login service", "the credential that opens it"),
    wins="control of the asset",
    cause="the credential works there (a reused password is one cause everywhere)",
    technique="T0859",
    sentence="{credential} signs in to {asset} on port {port}",
)
GOING_ON = Rule(
    name="going on",
    premises=("control of, or a foothold on, an asset that sends packets",),
    wins="presence in its zone",
    cause="",
    technique="",
    sentence="From {asset} packets can be sent in {zone}",
)
LINE = Rule(
    name="line",
    premises=("control of an asset that commands the line",),
    wins="the line is lost",
    cause="",
    technique="T0828",
    sentence="Who controls {asset} can stop {line}",
)
RULES = (
    SEEN,
    CONDUIT,
    SAME_ZONE,
    VENDOR,
    PHISHING,
    CONTROL,
    FOOTHOLD,
    HELD,
    LOGIN,
    GOING_ON,
    LINE,
)


def rule_table() -> str:
    """Return the table as docs/method.md prints it."""
    head = ("rule", "who has", "wins", "cause", "technique", "in words")
    lines = (head, ("---",) * len(head), *(_line(rule) for rule in RULES))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _line(rule: Rule) -> tuple[str, ...]:
    own = "the finding's own" if rule in (CONTROL, FOOTHOLD) else ""
    return (
        rule.name,
        ", **and** ".join(rule.premises),
        rule.wins,
        rule.cause or "none, certain",
        rule.technique or own,
        PLACEHOLDER.sub(r"*\1*", rule.sentence),
    )
