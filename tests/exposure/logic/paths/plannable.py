"""Small things to plan with, and the best plan found by trying every one."""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from exposure.logic.paths.edits import Edit, closing
from exposure.logic.paths.graph import graph_of
from exposure.logic.paths.model import AttackModel, Cause, Step, Target
from exposure.logic.paths.plans.costs import ChangeKind
from exposure.logic.paths.plans.items import NETWORK, Candidate, Limits, Window
from exposure.logic.paths.plans.sample import Sample
from tests.exposure.logic.paths.plants import random_model

MONDAY = datetime(2026, 11, 30, 6, tzinfo=UTC)


def change(
    name: str,
    keep: Mapping[str, float] | Sequence[str] = (),
    *,
    hours: float = 1.0,
    downtime: Mapping[str, float] | None = None,
    needs: tuple[str, ...] = (),
    group: str = "",
    only_in: tuple[str, ...] = (),
) -> Candidate:
    """A change that lowers causes, or ends them."""
    edit = Edit(name, keep) if isinstance(keep, Mapping) else closing(name, keep)
    return Candidate(
        edit=edit,
        kind=ChangeKind.PATCH,
        subject_kind="finding",
        subject_id=name,
        label=name.capitalize(),
        hours=hours,
        downtime=downtime or {},
        needs=needs,
        group=group,
        only_in=only_in,
    )


def window(name: str, line: str, *, day: int, hours: float) -> Window:
    """A window from six o'clock of a day, Monday is 0, just as long as its hours."""
    start = MONDAY + timedelta(days=day)
    return Window(name, line, start, start + timedelta(hours=hours), hours)


def routes(**lines: Sequence[tuple[float, ...]]) -> AttackModel:
    """Lines with parallel routes, each a row of causes with these chances, 100 points."""
    causes, steps = [], []
    for line, ways in lines.items():
        for way, chances in enumerate(ways):
            names = [f"{line}{way}{place}" for place in range(len(chances))]
            causes += [
                Cause(each, "finding", each, each, chance, "E2")
                for each, chance in zip(names, chances, strict=True)
            ]
            steps.append(
                Step(f"{line}{way}", f"line:{line}", ("net:internet",), tuple(names))
            )
    targets = [Target(line, f"line:{line}", 100) for line in lines]
    return AttackModel(causes=tuple(causes), steps=tuple(steps), targets=tuple(targets))


def random_changes(seed: int, model: AttackModel) -> list[Candidate]:
    """Up to seven changes with hours, lines, prerequisites (also cyclic) and groups."""
    luck = random.Random(seed)  # noqa: S311 - reproducible, not a secret
    names = [f"c{number}" for number in range(luck.randint(1, 7))]
    causes = [cause.id for cause in model.causes]
    return [
        change(
            name,
            {
                cause: luck.choice((0.0, 0.0, 0.0, 0.3))
                for cause in luck.sample(causes, luck.choice((1, 1, 2, 3)))
            },
            hours=luck.choice((0, 0.5, 1, 1.1, 2, 4)),
            downtime={
                line: luck.choice((0, 0.25, 1, 1.5, 3))
                for line in luck.sample(["f1", "f2"], luck.choice((0, 1, 1, 2)))
            },
            needs=tuple(luck.sample(names, luck.choice((0, 0, 1)))),
            group=luck.choice(("", "", "g")),
            only_in=luck.choice(((), ("w1",), ("w0",))),
        )
        for name in names
    ]


def random_limits(seed: int, changes: Sequence[Candidate]) -> Limits:
    """Some of all the limits there are."""
    luck = random.Random(seed)  # noqa: S311 - reproducible, not a secret
    windows = (
        window("w0", f"{NETWORK}s", day=0, hours=3),
        window("w1", "f1", day=0, hours=luck.choice((1, 2.5))),
        window("w2", "f1", day=1, hours=1),
        window("w3", "f2", day=1, hours=luck.choice((0.5, 3))),
    )
    return Limits(
        hours=luck.choice((None, 1, 2.1, 4, 8)),
        total_downtime=luck.choice((None, None, 1, 2.5)),
        downtime=luck.choice(({}, {}, {"f1": 1.5}, {"f1": 0, "f2": 2})),
        windows=luck.choice(((), windows)),
        forbidden=frozenset(
            luck.sample([row.id for row in changes], luck.choice((0, 1)))
        ),
    )


def is_allowed(changes: Sequence[Candidate], limits: Limits) -> bool:
    """The definition, word for word, in hundredths of hours."""
    ids = [row.id for row in changes]
    groups = [row.group for row in changes if row.group]
    lines = {line for row in changes for line in row.downtime}
    stops = {
        line: round(sum(row.downtime.get(line, 0) for row in changes), 2)
        for line in lines
    }
    return (
        not any(row.cannot for row in changes)
        and limits.forbidden.isdisjoint(ids)
        and limits.fixed.issubset(ids)
        and all(needed in ids for row in changes for needed in row.needs)
        and len(set(groups)) == len(groups)
        and _within(sum(row.hours for row in changes), limits.hours)
        and _within(sum(stops.values()), limits.total_downtime)
        and all(_within(stops[line], limits.downtime.get(line)) for line in lines)
        and (
            not limits.windows
            or (
                all(_has_room(changes, limits, line) for line in lines)
                and _has_room_in_network(changes)
            )
        )
    )


def _within(hours: float, limit: float | None) -> bool:
    return limit is None or round(hours, 2) <= limit


def _has_room_in_network(changes: Sequence[Candidate]) -> bool:
    """What is bound to windows and stops no line fits into the three hours of w0."""
    bound = [row for row in changes if row.only_in and not any(row.downtime.values())]
    hours = sum(row.hours for row in bound)
    return all(row.only_in == ("w0",) for row in bound) and round(hours, 2) <= 3


def _has_room(changes: Sequence[Candidate], limits: Limits, line: str) -> bool:
    jobs = [row for row in changes if row.downtime.get(line)]
    windows = [row for row in limits.windows if row.line_id == line]
    return any(
        all(
            not job.only_in or place.id in job.only_in
            for job, place in zip(jobs, places, strict=True)
        )
        and all(
            sum(
                job.downtime[line]
                for job, place in zip(jobs, places, strict=True)
                if place is each
            )
            <= each.hours
            for each in windows
        )
        for places in itertools.product(windows, repeat=len(jobs))
    )


def subsets(count: int) -> Iterator[frozenset[int]]:
    """Every set of numbers below `count`."""
    for size in range(count + 1):
        yield from map(frozenset, itertools.combinations(range(count), size))


def least_loss(
    sample: Sample, changes: Sequence[Candidate], limits: Limits
) -> float | None:
    """Try every set that is allowed; None when not even what is fixed is."""
    losses = [
        sample.loss(chosen)
        for chosen in subsets(len(changes))
        if is_allowed([changes[place] for place in sorted(chosen)], limits)
    ]
    return min(losses, default=None)


def sample_of(model: AttackModel, changes: Sequence[Candidate]) -> Sample:
    """One block of worlds."""
    return Sample(graph_of(model), [row.edit for row in changes], blocks=1, seed=5)


def ids_of(changes: Sequence[Candidate], chosen: frozenset[int]) -> set[str]:
    """The ids of changes by number."""
    return {changes[place].id for place in chosen}


def exposed(
    count: int,
) -> Iterator[tuple[AttackModel, list[Candidate], Limits, Sample]]:
    """So many random models in which a line is lost, with changes and limits."""
    found = 0
    for seed in itertools.count():
        model = random_model(seed)
        changes = random_changes(seed, model)
        sample = sample_of(model, changes)
        if sample.loss(()):
            yield model, changes, random_limits(seed, changes), sample
            found += 1
        if found == count:
            return
