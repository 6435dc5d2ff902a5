"""What the plant allows, asked of a set of changes and written as linear rows."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from exposure.logic.paths.plans.freezing import is_frozen
from exposure.logic.paths.plans.items import (
    NETWORK,
    Candidate,
    Limits,
    PlanRefused,
    check_candidates,
    check_limits,
    minutes_allowed,
    minutes_needed,
    usable,
)
from exposure.logic.paths.plans.packing import Job, packed

Placement = dict[tuple[int, str], int]
"""(change, line) to the number of the window its work on that line is done in."""


@dataclass(slots=True)
class Row:
    """lowest <= sum of factor x variable <= highest, over (variable, factor)."""

    terms: list[tuple[int, float]] = field(default_factory=list)
    lowest: float = float("-inf")
    highest: float = float("inf")


class Allowed:
    """Which sets of the candidates fit the limits.

    All hours are whole minutes, needs rounded up and limits rounded down, so sums are
    exact. Raises `PlanRefused` for input that is none, and when what is fixed does not
    fit on its own.
    """

    def __init__(self, candidates: Sequence[Candidate], limits: Limits) -> None:
        check_candidates(candidates)
        self.candidates = tuple(candidates)
        self.limits = limits
        self.number = {row.id: place for place, row in enumerate(candidates)}
        check_limits(limits, known=self.number)
        self.windows = usable(limits.windows, limits.freezes)
        self._room = [minutes_allowed(row.hours) for row in self.windows]
        self.hours = [minutes_needed(row.hours) for row in candidates]
        self.stops = [
            {
                line: minutes_needed(hours)
                for line, hours in row.downtime.items()
                if hours
            }
            for row in candidates
        ]
        self.works = [
            self.stops[place] or self._in_network(row)
            for place, row in enumerate(candidates)
        ]
        self.fixed = frozenset(self.number[change] for change in limits.fixed)
        self.forbidden = frozenset(
            place
            for place, row in enumerate(candidates)
            if row.cannot or row.id in limits.forbidden
        )
        self.groups: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(candidates):
            if row.group:
                self.groups[row.group].append(place)
        why = self.misfit(self.with_needs(self.fixed))
        if why:
            raise PlanRefused(f"What is fixed does not fit: {why}")

    def _in_network(self, row: Candidate) -> dict[str, int]:
        """Return the network that a change without a stop is worked on in windows of."""
        if not row.only_in:
            return {}
        named = (
            each.line_id
            for each in self.limits.windows
            if each.id in row.only_in and each.line_id.startswith(NETWORK)
        )
        return {next(named, NETWORK): minutes_needed(row.hours)}

    def with_needs(self, chosen: Collection[int]) -> frozenset[int]:
        """Return the changes with all they need, and what those need."""
        todo, found = sorted(chosen), set(chosen)
        while todo:
            for needed in self.candidates[todo.pop()].needs:
                place = self.number[needed]
                if place not in found:
                    found.add(place)
                    todo.append(place)
        return frozenset(found)

    def needing(self, place: int, chosen: Collection[int]) -> frozenset[int]:
        """Return a change with those of `chosen` that need it, near or far."""
        return frozenset(each for each in chosen if place in self.with_needs([each]))

    def minutes(self, place: int) -> tuple[int, int]:
        """Return how long a change stops lines, summed, and how long it is worked on."""
        return sum(self.stops[place].values()), self.hours[place]

    def fits(self, chosen: Collection[int]) -> bool:
        """Whether the plant allows exactly these changes, fixed ones apart."""
        return not self.misfit(chosen)

    def misfit(self, chosen: Collection[int]) -> str:
        """Return why the plant does not allow these changes together; "" if it does."""
        return next(self._misfits(sorted(chosen)), "")

    def stands(self, chosen: Collection[int]) -> dict[str, int]:
        """Return for how many minutes each line stands still for these changes.

        They are made one after the other, so the minutes of a line add up.
        """
        by_line: dict[str, int] = defaultdict(int)
        for place in chosen:
            for line, minutes in self.stops[place].items():
                by_line[line] += minutes
        return dict(by_line)

    def contradiction(self, chosen: Collection[int]) -> str:
        """Return why nobody can make exactly these changes together; "" if one can."""
        return next(self._misfits_of_kind(sorted(chosen)), "")

    def _misfits(self, chosen: list[int]) -> Iterator[str]:
        yield from self._misfits_of_kind(chosen)
        hours = sum(self.hours[place] for place in chosen)
        yield from _over(hours, self.limits.hours, of="engineering")
        by_line = self.stands(chosen)
        total = sum(by_line.values())
        yield from _over(total, self.limits.total_downtime, of="downtime")
        for line, minutes in sorted(by_line.items()):
            limit = self.limits.downtime.get(line)
            name = self.limits.names.get(line, "one line")
            yield from _over(minutes, limit, of=f"downtime of {name}")
        if self.limits.windows and self.placed(chosen) is None:
            yield "no room was found for it in the windows."

    def _misfits_of_kind(self, chosen: list[int]) -> Iterator[str]:
        made = frozenset(chosen)
        for place in chosen:
            row = self.candidates[place]
            if row.cannot:
                yield f"{row.label} cannot be made here: {row.cannot}"
            elif place in self.forbidden:
                yield f"{row.label} is forbidden."
            if not all(self.number[needed] in made for needed in row.needs):
                yield f"{row.label} needs another change first."
        for members in self.groups.values():
            twice = [self.candidates[each].label for each in members if each in made]
            if len(twice) > 1:
                yield f"{twice[0]} can be changed in one way only."

    def placed(self, chosen: Collection[int]) -> Placement | None:
        """Return a window for the work on each line; None when none was found.

        Longest work first, into the earliest window with room, with going back; a line
        for which that takes long is solved, see `packing`.
        """
        where: Placement = {}
        lines = sorted({line for place in chosen for line in self.works[place]})
        for line in lines:
            found = self._pack(line, self._longest_first(line, chosen))
            if found is None:
                return None
            where.update({(place, line): window for place, window in found.items()})
        return where

    def placed_on(self, line: str, chosen: Collection[int]) -> dict[int, int]:
        """Return the window of the work on one line for each change: as in `placed`.

        Where there is no room for all of it, what comes first takes the earliest window
        that has room, and what finds none is left out.
        """
        places = self._longest_first(line, chosen)
        found = self._pack(line, places)
        if found is not None:
            return found
        room, where = list(self._room), {}
        for place in places:
            minutes = self.works[place][line]
            for at in self._windows_for(place, line):
                if room[at] >= minutes:
                    room[at] -= minutes
                    where[place] = at
                    break
        return where

    def _longest_first(self, line: str, chosen: Collection[int]) -> list[int]:
        return sorted(
            (place for place in chosen if line in self.works[place]),
            key=lambda place: (-self.works[place][line], place),
        )

    def _windows_for(self, place: int, line: str) -> list[int]:
        """Return the numbers of the windows in which a line may stop for a change."""
        only = self.candidates[place].only_in
        return [
            at
            for at, row in enumerate(self.windows)
            if row.line_id == line and (not only or row.id in only)
            if self._room[at] >= self.works[place][line]
            if not is_frozen(self.candidates[place], row, self.limits.freezes)
        ]

    def _pack(self, line: str, places: list[int]) -> dict[int, int] | None:
        jobs = [
            Job(self.works[place][line], self._windows_for(place, line))
            for place in places
        ]
        where = packed(jobs, self._room)
        return None if where is None else dict(zip(places, where, strict=True))

    def rows(self) -> tuple[list[Row], list[tuple[int, str, int]]]:
        """Return the limits as rows over the candidates, and the variables they add.

        Variable c says that candidate c is made. Each further one, (candidate, line,
        window), says that its work on the line is done in that window.
        """
        rows = [Row(terms=_terms(self.hours), highest=_minutes(self.limits.hours))]
        totals = [sum(stops.values()) for stops in self.stops]
        rows.append(
            Row(terms=_terms(totals), highest=_minutes(self.limits.total_downtime))
        )
        for line, hours in sorted(self.limits.downtime.items()):
            each = [stops.get(line, 0) for stops in self.stops]
            rows.append(Row(terms=_terms(each), highest=_minutes(hours)))
        for members in self.groups.values():
            rows.append(Row(terms=[(place, 1.0) for place in members], highest=1.0))
        for place, row in enumerate(self.candidates):
            for needed in row.needs:
                terms = [(place, 1.0), (self.number[needed], -1.0)]
                rows.append(Row(terms=terms, highest=0.0))
        slots = self._slots() if self.limits.windows else []
        return rows + (self._calendar(slots) if self.limits.windows else []), slots

    def _slots(self) -> list[tuple[int, str, int]]:
        return [
            (place, line, at)
            for place, works in enumerate(self.works)
            for line in sorted(works)
            for at in self._windows_for(place, line)
        ]

    def _calendar(self, slots: list[tuple[int, str, int]]) -> list[Row]:
        first = len(self.candidates)
        once = {
            (place, line): Row(terms=[(place, -1.0)], lowest=0.0, highest=0.0)
            for place, works in enumerate(self.works)
            for line in works
        }
        full = [Row(highest=_minutes(row.hours)) for row in self.windows]
        for offset, (place, line, at) in enumerate(slots):
            once[place, line].terms.append((first + offset, 1.0))
            full[at].terms.append((first + offset, float(self.works[place][line])))
        return [*once.values(), *full]


def _terms(numbers: list[int]) -> list[tuple[int, float]]:
    return [(place, float(number)) for place, number in enumerate(numbers) if number]


def _minutes(hours: float | None) -> float:
    return float("inf") if hours is None else float(minutes_allowed(hours))


def _over(minutes: int, hours: float | None, *, of: str) -> Iterator[str]:
    if hours is not None and minutes > minutes_allowed(hours):
        yield f"it takes {minutes / 60:.4g} h of {of}; {hours:g} h are allowed."
