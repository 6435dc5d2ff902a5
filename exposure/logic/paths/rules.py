"""The rules of the attack model, one table that people can read and argue about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: who holds `premise` and is lucky with `cause` wins `wins`.

    `technique` is an ATT&CK for ICS id; findings bring their own.
    """

    premise: str
    wins: str
    cause: str
    technique: str
    sentence: str


SEEN = Rule(
    premise="presence where the service was seen from",
    wins="packets arrive at the service",
    cause="the service answered",
    technique="T0883",
    sentence="{asset} answers on port {port}, seen from {origin}",
)
CONDUIT = Rule(
    premise="presence in the zone the conduit starts from",
    wins="packets arrive at the service",
    cause="the conduit is really open",
    technique="T0886",
    sentence="{conduit} lets {origin} reach {asset} on port {port}",
)
SAME_ZONE = Rule(
    premise="presence in the zone of the asset",
    wins="packets arrive at the service",
    cause="nothing filters inside the zone",
    technique="T0886",
    sentence="{asset}, port {port}, stands in the same zone; no filter is known",
)
CONTROL = Rule(
    premise="packets arrive at the weak service",
    wins="control of the asset",
    cause="the finding is exploitable",
    technique="",
    sentence="{ref}, {title}, gives control of {asset}",
)
FOOTHOLD = Rule(
    premise="packets arrive at the weak service",
    wins="code runs on the asset",
    cause="the finding is exploitable",
    technique="",
    sentence="{ref}, {title}, gives a foothold on {asset}",
)
GOING_ON = Rule(
    premise="control of, or a foothold on, an asset that sends packets",
    wins="presence in its zone",
    cause="",
    technique="",
    sentence="From {asset} packets can be sent in {zone}",
)
LINE = Rule(
    premise="control of the asset",
    wins="the line is lost",
    cause="",
    technique="T0828",
    sentence="Who controls {asset} can stop {line}",
)
RULES = (SEEN, CONDUIT, SAME_ZONE, CONTROL, FOOTHOLD, GOING_ON, LINE)
