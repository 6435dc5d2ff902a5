"""What one step of a plant says to people, made from its rule and its row on demand."""

from collections.abc import Callable, Sequence

from exposure.logic.paths import rules
from exposure.logic.paths.model import read_fact
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.rules import Rule

Names = dict[str, object]


def technique_of(rule: Rule, row: int, *, plant: Plant) -> str:
    """Return the ATT&CK for ICS technique: the rule's, or that of the finding."""
    if rule in (rules.CONTROL, rules.FOOTHOLD):
        return plant.open_findings()[row].technique
    return rule.technique


def sentence_of(
    rule: Rule, row: int, *, head: str, body: Sequence[str], plant: Plant
) -> str:
    """Return the sentence of the step from `body` to `head` that came from a row."""
    names = _NAMES[rule.name](plant, row, head, body[0])
    return rule.sentence.format(**names)


def _reached(plant: Plant, fact: str) -> Names:
    read = read_fact(fact)
    return {"asset": plant.asset(read.id).name, "port": read.port}


def _conduit(plant: Plant, row: int, head: str, _start: str) -> Names:
    conduit = plant.conduits[row]
    origin = plant.zone_name(conduit.from_zone_id)
    return {"conduit": conduit.name, "origin": origin, **_reached(plant, head)}


def _seen(plant: Plant, row: int, head: str, _start: str) -> Names:
    service = plant.first_sightings()[row]
    return {"origin": plant.zone_name(service.seen_from), **_reached(plant, head)}


def _same_zone(plant: Plant, _row: int, head: str, _start: str) -> Names:
    return _reached(plant, head)


def _vendor(plant: Plant, row: int, _head: str, _start: str) -> Names:
    access = plant.vendor_accesses[row]
    place = (
        plant.zone_name(access.to_zone_id)
        if access.to_zone_id
        else plant.asset(access.to_asset_id).name
    )
    return {"vendor": access.vendor, "place": place}


def _phishing(plant: Plant, row: int, _head: str, _start: str) -> Names:
    return {"zone": plant.zones[row].name}


def _finding(plant: Plant, row: int, _head: str, _start: str) -> Names:
    finding = plant.open_findings()[row]
    asset = plant.asset(finding.asset_id).name
    return {"ref": finding.ref, "title": finding.title, "asset": asset}


def _held(plant: Plant, row: int, _head: str, start: str) -> Names:
    asset = plant.asset(read_fact(start).id).name
    return {"asset": asset, "credential": plant.credentials[row].name}


def _login(plant: Plant, row: int, _head: str, start: str) -> Names:
    return {"credential": plant.credentials[row].name, **_reached(plant, start)}


def _going_on(plant: Plant, row: int, _head: str, _start: str) -> Names:
    asset = plant.assets[row]
    return {"asset": asset.name, "zone": plant.zone_name(asset.zone_id)}


def _line(plant: Plant, row: int, head: str, _start: str) -> Names:
    line = plant.line_name(read_fact(head).id)
    return {"asset": plant.assets[row].name, "line": line}


_NAMES: dict[str, Callable[[Plant, int, str, str], Names]] = {
    rules.SEEN.name: _seen,
    rules.CONDUIT.name: _conduit,
    rules.SAME_ZONE.name: _same_zone,
    rules.VENDOR.name: _vendor,
    rules.PHISHING.name: _phishing,
    rules.CONTROL.name: _finding,
    rules.FOOTHOLD.name: _finding,
    rules.HELD.name: _held,
    rules.LOGIN.name: _login,
    rules.GOING_ON.name: _going_on,
    rules.LINE.name: _line,
}
