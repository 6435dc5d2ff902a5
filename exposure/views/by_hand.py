"""How a path and a line are counted, in numbers that a person can multiply again."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from exposure.logic.paths.factors import Factors
from exposure.logic.paths.results import FoundPath, LineResult
from exposure.services.paths import PathAnswer, policy_of

DIGITS = 6  # that are printed of a chance; the tables of the policy have fewer


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One distinct cause of the path; see exposure/paths/_by_hand.html."""

    label: str
    word: str
    steps: str
    values: list[tuple[str, str]]
    chance: str


@dataclass(frozen=True, slots=True)
class LostRow:
    """One line; see exposure/paths/_by_hand.html."""

    label: str
    points: int
    worlds: int
    reach: str
    units: str
    current: bool


@dataclass(frozen=True, slots=True)
class ByHand:
    """The context of exposure/paths/_by_hand.html."""

    causes: list[FactorRow]
    product: str
    points: int
    units: str
    bound: str
    worlds: int
    lines: list[LostRow]
    never: int
    total: str


def by_hand(
    answer: PathAnswer, path: FoundPath | None, line: LineResult | None
) -> ByHand | None:
    """Return the multiplication of one path, and that of every line that is lost."""
    if path is None or line is None:
        return None
    analysis = answer.analysis
    lost = [row for row in analysis.lines if row.reach]
    return ByHand(
        causes=list(_causes(answer, path)),
        product=printed(path.p),
        points=line.points,
        units=printed(line.points * path.p),
        bound=printed(line.cut_bound),
        worlds=analysis.worlds,
        lines=[
            LostRow(
                label=row.name,
                points=row.points,
                worlds=round(row.reach * analysis.worlds),
                reach=printed(row.reach),
                units=printed(row.exposure),
                current=row is line,
            )
            for row in lost
        ],
        never=len(analysis.lines) - len(lost),
        total=printed(analysis.exposure),
    )


def printed(value: float) -> str:
    """Return a number with six digits that count, and no exponent.

    >>> printed(0.32), printed(0.0028), printed(1.0), printed(1 / 3)
    ('0.32', '0.0028', '1', '0.333333')
    """
    if not value:
        return "0"
    places = max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _causes(answer: PathAnswer, path: FoundPath) -> Iterable[FactorRow]:
    factors = Factors(answer.snapshot, policy_of(answer))
    known = {cause.id: cause for cause in answer.analysis.causes}
    for cause_id in dict.fromkeys(key for hop in path.hops for key in hop.cause_ids):
        cause = known[cause_id]
        steps = [str(hop.number) for hop in path.hops if cause_id in hop.cause_ids]
        yield FactorRow(
            label=cause.label,
            word=cause.word,
            steps=", ".join(steps),
            values=[(each.words, printed(each.value)) for each in factors.of(cause)],
            chance=printed(cause.p),
        )
