"""Every step of a plant as numbers, in an order that the plant alone decides."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from exposure.logic.paths import rules
from exposure.logic.paths.causes import Reasons
from exposure.logic.paths.graph import I32, NONE
from exposure.logic.paths.model import (
    SOURCE,
    Cause,
    ModelRefused,
    control_fact,
    credential_fact,
    foothold_fact,
    line_fact,
    reach_fact,
    zone_fact,
)
from exposure.logic.paths.plant import Plant, permits
from exposure.logic.paths.rules import RULES, Rule
from exposure.logic.paths.snapshot import AssetRow, Gives, VendorAccessRow

OFFICE_LEVEL = 4.0
"""The lowest Purdue level at which people read mail from outside."""

NUMBERS = 7
"""Of each link: rule, row, two facts needed, fact won, cause, step."""

PLACE: Final = {rule.name: place for place, rule in enumerate(RULES)}


@dataclass(frozen=True, slots=True)
class _From:
    """Which rule a step comes from, and which row: its place in the plant's list."""

    rule: int
    row: int


def _of(rule: Rule, row: int) -> _From:
    return _From(PLACE[rule.name], row)


def step_id(head: str, body: Sequence[str], causes: Sequence[str]) -> str:
    """Return what a step is called: the same step has the same id in every plant."""
    return " ".join((head, "from", *body, *causes))


class Moves:
    """The steps of one plant; `facts` and `causes` are numbered as they come up."""

    def __init__(self, reasons: Reasons, *, most: int) -> None:
        self.facts: dict[str, int] = {SOURCE: 0}
        self.causes: dict[str, tuple[int, Cause]] = {}
        self._numbers = array("i")
        self._steps = 0
        self._most = most
        self._plant: Plant = reasons.plant
        self._reasons = reasons
        self._conduits()
        self._seen()
        self._same_zones()
        self._entries()
        self._findings()
        self._credentials()
        self._consequences()
        for line in self._plant.lines:
            self._fact(line_fact(line.id))

    def columns(self) -> I32:
        """Return the seven numbers of each link, a row for each kind of number."""
        flat = np.array(self._numbers, np.int32)
        return flat.reshape(-1, NUMBERS).T.copy()

    def _fact(self, fact: str) -> int:
        return self.facts.setdefault(fact, len(self.facts))

    def _cause(self, cause: Cause) -> int:
        return self.causes.setdefault(cause.id, (len(self.causes), cause))[0]

    def _add(
        self, origin: _From, first: str, head: str, *, cause: int = NONE, also: str = ""
    ) -> None:
        """Add the step from `first` (and `also`) to `head`."""
        self._link(
            origin,
            self._fact(first),
            self._fact(also) if also else NONE,
            self._fact(head),
            cause,
        )
        self._steps += 1
        if self._steps > self._most:
            raise ModelRefused(
                f"The plant has more than {self._most} attack steps; "
                f"at most {self._most} can be calculated at once."
            )

    def _link(
        self, origin: _From, first: int, second: int, head: int, cause: int
    ) -> None:
        self._numbers.extend(
            (origin.rule, origin.row, first, second, head, cause, self._steps)
        )

    def _conduits(self) -> None:
        plant = self._plant
        for row, conduit in enumerate(plant.conduits):
            start, origin = zone_fact(conduit.from_zone_id), _of(rules.CONDUIT, row)
            known, seen = (
                self._reasons.conduit(conduit, seen=seen) for seen in (False, True)
            )
            for asset in plant.behind(conduit):
                for port in plant.ports_of(asset.id):
                    if not permits(conduit, port):
                        continue
                    was_seen = plant.was_seen(
                        asset.id, port, origin=conduit.from_zone_id
                    )
                    cause = self._cause(seen if was_seen else known)
                    self._add(origin, start, reach_fact(asset.id, port), cause=cause)

    def _seen(self) -> None:
        for row, service in enumerate(self._plant.first_sightings()):
            if self._plant.is_explained(service):
                continue
            self._add(
                _of(rules.SEEN, row),
                zone_fact(service.seen_from),
                reach_fact(service.asset_id, service.port),
                cause=self._cause(self._reasons.service(service)),
            )

    def _same_zones(self) -> None:
        plant = self._plant
        for zone in plant.zones:
            start, reason = zone_fact(zone.id), self._reasons.same_zone(zone.id)
            origin = _of(rules.SAME_ZONE, 0)
            for asset in plant.in_zone(zone.id):
                for port in plant.ports_of(asset.id):
                    if plant.was_seen(asset.id, port, origin=zone.id):
                        continue  # the sighting itself is the better reason
                    cause = self._cause(reason)
                    self._add(origin, start, reach_fact(asset.id, port), cause=cause)

    def _entries(self) -> None:
        """Ways in that no service of the plant shows."""
        for row, access in enumerate(self._plant.vendor_accesses):
            for head in self._ends_of(access):
                self._come_in(_of(rules.VENDOR, row), head, access)
        if not self._reasons.policy.phishing:
            return
        for row, zone in enumerate(self._plant.zones):
            if zone.level >= OFFICE_LEVEL:
                cause = self._cause(self._reasons.phishing(zone))
                origin = _of(rules.PHISHING, row)
                self._add(origin, SOURCE, zone_fact(zone.id), cause=cause)

    def _ends_of(self, access: VendorAccessRow) -> list[str]:
        """Return the facts that a vendor's access wins; see `VendorAccessRow`."""
        ports = access.ports
        if not ports and access.conduit_id:
            ports = self._plant.conduit(access.conduit_id).ports
        if access.to_zone_id and not ports:
            return [zone_fact(access.to_zone_id)]
        return [
            reach_fact(asset.id, port)
            for asset in self._plant.behind(access)
            for port in self._plant.ports_of(asset.id)
            if not ports or port in ports
        ]

    def _come_in(self, origin: _From, head: str, access: VendorAccessRow) -> None:
        """Over a conduit of the plant two things must be true: a chain of two links."""
        reasons = [self._reasons.vendor(access)]
        if access.conduit_id:
            conduit = self._plant.conduit(access.conduit_id)
            reasons.append(self._reasons.conduit(conduit))
        vendor, *more = (self._cause(each) for each in reasons)
        if not more:
            self._add(origin, SOURCE, head, cause=vendor)
            return
        name = step_id(head, (SOURCE,), [each.id for each in reasons])
        between = f"and:0:{name}"
        self._link(origin, 0, NONE, self._fact(between), vendor)
        self._add(origin, between, head, cause=more[0])

    def _findings(self) -> None:
        for row, finding in enumerate(self._plant.open_findings()):
            controls = finding.gives == Gives.CONTROL
            origin = _of(rules.CONTROL if controls else rules.FOOTHOLD, row)
            head = (control_fact if controls else foothold_fact)(finding.asset_id)
            known = self._plant.ports_of(finding.asset_id)
            for port in (finding.port,) if finding.port else known:
                cause = self._cause(self._reasons.finding(finding))
                start = reach_fact(finding.asset_id, port)
                self._add(origin, start, head, cause=cause)

    def _credentials(self) -> None:
        for row, credential in enumerate(self._plant.credentials):
            won, origin = credential_fact(credential.id), _of(rules.HELD, row)
            for asset_id in sorted(set(credential.held_on)):
                self._add(origin, control_fact(asset_id), won)
                if credential.stored:
                    self._add(origin, foothold_fact(asset_id), won)
            for asset, port in self._plant.openings(credential):
                cause = self._cause(self._reasons.credential(credential, asset))
                self._add(
                    _of(rules.LOGIN, row),
                    reach_fact(asset.id, port),
                    control_fact(asset.id),
                    cause=cause,
                    also=won,
                )

    def _consequences(self) -> None:
        for row, asset in enumerate(self._plant.assets):
            self._go_on(row, asset)
            for line_id in sorted(set(asset.line_ids)):
                start = control_fact(asset.id)
                self._add(_of(rules.LINE, row), start, line_fact(line_id))

    def _go_on(self, row: int, asset: AssetRow) -> None:
        if not (asset.sends_packets and asset.zone_id):
            return
        for held in (control_fact(asset.id), foothold_fact(asset.id)):
            self._add(_of(rules.GOING_ON, row), held, zone_fact(asset.zone_id))
