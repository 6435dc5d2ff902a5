"""A person with a calculator gets the figures of the page from the page alone."""

import math
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from exposure.models import Conduit, Finding, Line
from exposure.services import rebuild
from exposure.views.by_hand import printed
from tenants.models import User
from tests.exposure.views.conftest import Visit

LAST_DIGIT = 2e-5  # six digits are printed


class Numbers(HTMLParser):
    """Reads what stands in marked cells, and rows of cells, and nothing else."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.marked: dict[str, list[str]] = {}
        self.rows: list[list[str]] = []
        self._into: list[str] | None = None
        self._in_line = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs if name.startswith("data-")}
        if tag == "tr":
            self._in_line = "data-line" in names
            if self._in_line:
                self.rows.append([])
        elif tag == "td" and self._in_line:
            self._into = self.rows[-1]
        else:
            for name in names:
                self._into = self.marked.setdefault(name, [])

    def handle_data(self, data: str) -> None:
        if self._into is not None and data.strip():
            self._into.append(data.strip())
            self._into = None

    def one(self, name: str) -> float:
        (text,) = self.marked[name]
        return float(text)

    def many(self, name: str) -> Iterator[float]:
        return (float(text) for text in self.marked[name])


def close(value: float) -> object:
    return pytest.approx(value, rel=LAST_DIGIT)


def test_the_figures_of_the_page_multiply_to_each_other(
    visit: Visit, otto: User, paths: Line
) -> None:
    Finding.objects.filter(check_id="hmi-no-login").update(
        grade="E2", threat="public_poc"
    )
    Conduit.objects.update(basis="imported")
    rebuild.rebuild_paths()

    page = visit(otto, f"paths/?line={paths.pk}").content.decode()

    read = Numbers(page)
    chances = list(read.many("data-chance"))
    assert len(chances) >= 3
    assert math.prod(read.many("data-factor")) == close(math.prod(chances))
    assert math.prod(chances) == close(read.one("data-product"))
    assert 0.0 < read.one("data-product") < 0.5
    assert read.one("data-points") * read.one("data-product") == close(
        read.one("data-units")
    )
    (drawn,) = {int(each.replace("\N{NO-BREAK SPACE}", "")) for each in worlds_of(page)}
    for _, points, worlds, reach, units in read.rows:
        assert int(worlds) / drawn == close(float(reach))
        assert float(points) * float(reach) == close(float(units))
    assert sum(float(row[-1]) for row in read.rows) == close(read.one("data-total"))
    assert len(read.rows) == 2


def worlds_of(page: str) -> list[str]:
    return re.findall(r"of ([\d\N{NO-BREAK SPACE}]+): reach", page)


def test_a_page_without_a_path_multiplies_nothing(
    visit: Visit, otto: User, finding: Finding
) -> None:
    assert "by-hand" not in visit(otto, "paths/").content.decode()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.0084, "0.0084"), (10.0, "10"), (2 / 3, "0.666667")],
)
def test_a_number_is_printed_as_people_type_it(value: float, text: str) -> None:
    assert printed(value) == text
