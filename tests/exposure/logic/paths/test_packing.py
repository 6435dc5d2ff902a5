"""Work is put into windows: exactly, in bounded time, never over the room."""

import itertools
import random

from exposure.logic.paths.plans.packing import Job, packed

DAY = 8 * 60


def fits(jobs, room):
    """Whether any placement fits, by trying them all."""
    return any(
        all(
            sum(j.minutes for j, w in zip(jobs, where, strict=True) if w == at)
            <= room[at]
            for at in range(len(room))
        )
        for where in itertools.product(*(job.windows for job in jobs))
    )


def holds(where, jobs, room):
    """Whether a placement uses open windows and no more than their room."""
    used = [0] * len(room)
    for at, job in zip(where, jobs, strict=True):
        assert at in job.windows
        used[at] += job.minutes
    return all(take <= has for take, has in zip(used, room, strict=True))


def test_it_finds_a_placement_exactly_when_there_is_one():
    luck, seen = random.Random(5), set()  # noqa: S311 - reproducible
    for _ in range(300):
        room = [luck.randrange(1, 7) for _ in range(luck.randrange(1, 4))]
        jobs = [
            Job(luck.randrange(1, 5), sorted(luck.sample(range(len(room)), k)))
            for k in (
                luck.randrange(0, len(room) + 1) for _ in range(luck.randrange(5))
            )
        ]
        where = packed(jobs, room)

        assert (where is not None) is fits(jobs, room)
        assert where is None or holds(where, jobs, room)
        seen.add(where is None)
    assert seen == {True, False}


def test_windows_filled_to_the_last_minute_are_filled():
    luck = random.Random(7)  # noqa: S311 - reproducible
    for _ in range(20):
        room, jobs = [DAY] * 8, []
        for _ in room:  # five jobs to a day, together exactly as long as the day
            cuts = sorted(luck.sample(range(15, DAY, 15), 4))
            ends = zip([0, *cuts], [*cuts, DAY], strict=True)
            jobs += [Job(end - begin, range(8)) for begin, end in ends]
        jobs.sort(key=lambda job: -job.minutes)

        where = packed(jobs, room)

        assert where is not None
        assert holds(where, jobs, room)


def test_a_thousand_works_on_one_line_are_placed():
    jobs = [Job(30, range(100)) for _ in range(1600)]

    where = packed(jobs, [DAY] * 100)

    assert where is not None
    assert holds(where, jobs, [DAY] * 100)


def test_what_has_too_little_room_altogether_is_refused_at_once():
    assert packed([Job(30, range(10))] * 161, [DAY] * 10) is None
    assert packed([Job(DAY + 1, [0])], [DAY]) is None
    assert packed([Job(1, [])], [DAY]) is None
    assert packed([], [DAY]) == []
