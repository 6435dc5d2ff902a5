"""Keeps what a look at names found: records, facts, what changed, and what moved away."""

import datetime as dt
import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from exposure.logic.names.hygiene import Facts, to_act_on
from exposure.logic.names.messages import Record
from exposure.models import Holding, HoldingState, NameRecord, Run
from exposure.probes.text import harmless, harmless_facts
from exposure.services.name_scope import NameScope
from exposure.services.runs import log_line
from tenants.services import ledger

LONGEST_VALUE = 500
MOST_RECORDS = 200  # of one name
# Found by another step than the one that looks a name up.
CARRIED = frozenset({"wildcards"})
# A zone's serial number goes up by itself; that is no change for people.
RESTLESS = frozenset({"SOA"})


@dataclass(slots=True)
class Look:
    """What was found about one name; `asked` are the types that were answered."""

    name: str
    facts: Facts
    records: list[Record] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    @property
    def is_nothing(self) -> bool:
        """Whether it is certain that there is nothing of that name."""
        gone = self.facts.get("resolves") in {"no such name", "no address"}
        return gone and not self.records

    @property
    def is_unknown(self) -> bool:
        """Whether nobody could say."""
        return self.facts.get("resolves") == "unknown" and not self.records


def keep(
    looks: Sequence[Look],
    holdings: dict[str, Holding],
    *,
    scope: NameScope,
    at: dt.datetime,
    run: Run | None,
) -> int:
    """Write down some looks; return how many names moved out of the scope."""
    rows = _record_rows(holdings.values())
    drifted, changed, new = 0, [], []
    for look in looks:
        holding = holdings[look.name]
        differs, made, touched = _compare(look, holding, rows[holding.pk], at=at)
        new += made
        changed += touched
        _outside(look, scope)
        drifted += _tell_drift(look, holding, run=run)
        holding.state = _state(holding, look, differs=differs)
        carried = {k: v for k, v in holding.facts.items() if k in CARRIED}
        holding.facts = carried | harmless_facts(look.facts)
        holding.to_act_on = to_act_on(holding.facts)
        holding.checked_at = at
    NameRecord.objects.bulk_create(new, batch_size=1000)
    NameRecord.objects.bulk_update(
        changed, ["ttl", "last_seen", "gone_at"], batch_size=1000
    )
    Holding.objects.bulk_update(
        [holdings[look.name] for look in looks],
        ["state", "facts", "to_act_on", "checked_at"],
    )
    return drifted


Rows = dict[tuple[str, str], NameRecord]


def _record_rows(holdings: Iterable[Holding]) -> dict[object, Rows]:
    found: dict[object, Rows] = defaultdict(dict)
    for row in NameRecord.objects.filter(holding__in=list(holdings)):
        found[row.holding_id][row.type, row.value] = row
    return found


def _compare(
    look: Look, holding: Holding, known: Rows, *, at: dt.datetime
) -> tuple[bool, list[NameRecord], list[NameRecord]]:
    """Return whether records differ from before, the new rows, and the changed ones."""
    now = {
        (record.type, harmless(record.value, limit=LONGEST_VALUE)): record.ttl
        for record in look.records[:MOST_RECORDS]
    }
    differs, made, touched = False, [], []
    for (type_, value), ttl in now.items():
        row = known.get((type_, value))
        differs |= type_ not in RESTLESS and (row is None or row.gone_at is not None)
        if row is None:
            row = NameRecord(
                workspace_id=holding.workspace_id,
                holding=holding,
                type=type_,
                value=value,
                first_seen=at,
            )
            made.append(row)
        else:
            touched.append(row)
        row.ttl, row.last_seen, row.gone_at = min(ttl, 2**31 - 1), at, None
    for key, row in known.items():
        # What nobody could answer this time is not gone.
        if key not in now and row.gone_at is None and row.type in look.asked:
            row.gone_at = at
            differs |= row.type not in RESTLESS
            touched.append(row)
    return differs, made, touched


def _state(holding: Holding, look: Look, *, differs: bool) -> HoldingState:
    before = HoldingState(holding.state)
    if look.is_unknown:
        return before
    if holding.checked_at is None:
        return HoldingState.NEW
    if look.is_nothing:
        there = before != HoldingState.GONE and not differs
        return HoldingState.UNCHANGED if there else HoldingState.GONE
    if differs or before == HoldingState.GONE:
        return HoldingState.CHANGED
    return HoldingState.UNCHANGED


def _outside(look: Look, scope: NameScope) -> None:
    addresses = look.facts.get("addresses")
    outside = [
        each
        for each in (addresses if isinstance(addresses, list) else [])
        if not scope.covers(ipaddress.ip_address(each))
    ]
    if outside:
        look.facts["outside"] = outside


def _tell_drift(look: Look, holding: Holding, *, run: Run | None) -> bool:
    """Tell of a name that was looked up before and now leads somewhere else, outside."""
    outside = set(look.facts.get("outside") or ())  # type: ignore[arg-type]  # a list
    newly = sorted(outside - set(holding.facts.get("addresses") or ()))
    if holding.checked_at is None or not newly:
        return False
    text = (
        f"Scope drift: {holding.value} now points at {', '.join(newly[:3])}, outside the "
        "authorised ranges. Nothing is sent there."
    )
    ledger.append(
        "scan.scope_drift",
        about=f"name {holding.value}",
        text=text,
        change=ledger.Change(
            before={"addresses": list(holding.facts.get("addresses") or ())},
            after={"addresses": list(look.facts.get("addresses") or ())},  # type: ignore[arg-type]  # a list
        ),
        site_id=holding.site_id,
    )
    if run is not None:
        log_line(run, text, target=newly[0])
    return True
