"""What is different between two pictures of a plant, in words: why a number moved."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from exposure.logic.paths.snapshot import (
    ConduitRow,
    FindingRow,
    PlantSnapshot,
    Row,
    Shut,
)

R = TypeVar("R", bound=Row)

ENDS = {
    Shut.CLOSED: "is closed",
    Shut.DISPROVED: "was disproved",
    Shut.GONE: "is gone",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `subject_id`: the row that a reader must see to be told of it."""

    subject_id: str
    words: str


def differences(before: PlantSnapshot, after: PlantSnapshot) -> tuple[Difference, ...]:
    """Return what is different, findings first, then ways in, then the plant itself.

    The order of rows means nothing; equal pictures have no difference.
    """
    return (
        *_findings(before, after),
        *_kind(before.conduits, after.conduits, of=_way, change=_conduit),
        *_kind(
            before.vendor_accesses,
            after.vendor_accesses,
            of=lambda row: (row.id, f"the access of {row.vendor}"),
        ),
        *_kind(
            before.credentials,
            after.credentials,
            of=lambda row: (row.id, f"the credential {row.name}"),
        ),
        *_services(before, after),
        *_kind(before.assets, after.assets, of=_named),
        *_kind(before.zones, after.zones, of=lambda row: (row.id, f"zone {row.name}")),
        *_kind(before.lines, after.lines, of=_named),
    )


def _named(row: Row) -> tuple[str, str]:
    return row.id, str(getattr(row, "name", ""))


def _way(row: ConduitRow) -> tuple[str, str]:
    return row.id, f"the way {row.name}"


def _kind(
    before: tuple[R, ...],
    after: tuple[R, ...],
    *,
    of: Callable[[R], tuple[str, str]],
    change: Callable[[R, R], str] = lambda _was, _now: "was changed",
) -> Iterator[Difference]:
    """Yield what is different in one kind of rows; `of` gives subject and name."""
    was, now = ({row.id: row for row in rows} for rows in (before, after))
    for key in sorted(was.keys() | now.keys()):
        old, new = was.get(key), now.get(key)
        row = old if new is None else new
        if row is None or old == new:
            continue
        subject, name = of(row)
        if old is None:
            words = "was added"
        elif new is None:
            words = "was removed"
        else:
            words = change(old, new)
        yield Difference(subject, f"{name} {words}")


def _conduit(was: ConduitRow, now: ConduitRow) -> str:
    return _control(was, now) or "was changed"


def _control(was: ConduitRow | FindingRow, now: ConduitRow | FindingRow) -> str:
    """Return what became of the control on a row; "" if nothing did."""
    if (was.verified_control, was.control) == (now.verified_control, now.control):
        return ""
    if now.control:
        return f"has the control {now.control}"
    if was.control:
        return "has no control any more"
    passes = "passes its test" if now.verified_control else "passes its test no longer"
    return f"has a control that {passes}"


def _findings(before: PlantSnapshot, after: PlantSnapshot) -> Iterator[Difference]:
    ends = {row.label: ENDS[row.how] for row in after.shut}
    was, now = ({row.id: row for row in each.findings} for each in (before, after))
    for key in sorted(was.keys() | now.keys()):
        old, new = was.get(key), now.get(key)
        if old != new and (words := _finding(old, new, ends=ends)):
            row = new or old
            yield Difference(row.asset_id if row else "", words)


def _finding(
    old: FindingRow | None, new: FindingRow | None, *, ends: dict[str, str]
) -> str:
    was_open = old is not None and old.opens_a_way
    if new is not None and new.opens_a_way:
        if not was_open:
            return f"{new.ref} {'was found' if old is None else 'is open again'}"
        if old is not None and old.grade != new.grade:
            return f"{new.ref} has evidence {new.grade} instead of {old.grade}"
        if old is not None and (words := _control(old, new)):
            return f"{new.ref} {words}"
        return f"{new.ref} was changed"
    if old is not None and was_open:
        return f"{old.ref} {ends.get(old.ref, 'opens no way any more')}"
    return ""


def _services(before: PlantSnapshot, after: PlantSnapshot) -> Iterator[Difference]:
    names = {row.id: row.name for row in (*before.assets, *after.assets)}
    was, now = (
        {(row.asset_id, row.port, row.protocol, row.seen_from) for row in each.services}
        for each in (before, after)
    )
    for key in sorted(was ^ now):
        asset_id, port, protocol, _ = key
        words = "answers on" if key in now else "no longer answers on"
        name = names.get(asset_id, "an asset")
        yield Difference(asset_id, f"{name} {words} {port}/{protocol}")
