"""The security review names a test for each line, and each of them is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REVIEW = ROOT / "docs" / "security" / "review.md"
NAMED = re.compile(r"`((?:tests/)?[\w/]*test_\w+(?:\.py|\.\.\.|… )?)`?")
LINES = [*(f"T{n}" for n in range(1, 12)), *(f"P{n}" for n in range(1, 6))]
ROWS = [*range(1, 7), 19, *range(21, 25), *range(35, 41)]

TESTS = list((ROOT / "tests").rglob("test_*.py"))
FILES = {path.name for path in TESTS}
FUNCTIONS = {
    name
    for path in TESTS
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)
}


def named() -> set[str]:
    """Return every test that the review names, as it names it."""
    return set(NAMED.findall(REVIEW.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", sorted(named()))
def test_what_it_names_is_there(name: str) -> None:
    last = name.rpartition("/")[2]
    if last.endswith(".py"):
        assert last in FILES
        assert "/" not in name or (ROOT / name).exists()
    else:
        assert any(each.startswith(last.rstrip(".… ")) for each in FUNCTIONS)


@pytest.mark.parametrize("line", [*LINES, *(f"{row}" for row in ROWS)])
def test_every_line_of_the_threats_has_one(line: str) -> None:
    text = REVIEW.read_text(encoding="utf-8")
    found = [each for each in text.splitlines() if each.startswith(f"| {line} ")]

    assert found, f"docs/security/review.md has no line {line}"
    assert all(NAMED.search(each) for each in found), f"line {line} names no test"
