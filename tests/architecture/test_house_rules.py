"""Rules that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300
PACKAGES = ("platform", "tenants", "exposure", "workflows", "tests")


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(  # noqa: S603 - our own arguments
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],  # noqa: S607 - git is on the path
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


SOURCES = [path for path in _tracked("*.py") if "migrations" not in path.parts]
TEMPLATES = _tracked("templates/*.html", "templates/**/*.html")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_is_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_platform_is_never_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_nothing_delays_a_task_past_the_job_table() -> None:
    direct = re.compile(r"\.(delay|apply_async)\(")
    offenders = [
        _name(path)
        for path in SOURCES
        if "tests" not in path.parts and direct.search(path.read_text())
    ]

    assert offenders == []


def test_no_file_name_says_nothing() -> None:
    vague = {"utils.py", "helpers.py", "misc.py", "common.py"}

    assert [_name(path) for path in SOURCES if path.name in vague] == []


def test_no_sleep_in_tests() -> None:
    offenders = [
        _name(path)
        for path in SOURCES
        if path.parts[len(ROOT.parts)] == "tests"
        and path.name.startswith("test_")
        and path != Path(__file__)
        and re.search(r"\btime\.sleep\(", path.read_text())
    ]

    assert offenders == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_holds_no_style_script_or_handler(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "|safe" not in text


def test_each_noqa_carries_its_code_and_its_reason() -> None:
    offenders = []
    for path in SOURCES:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"#\s*noqa", line) and not re.search(
                r"#\s*noqa: [A-Z0-9, ]+ - \S", line
            ):
                offenders.append(f"{_name(path)}:{number}")

    assert [each for each in offenders if "test_house_rules" not in each] == []


def test_each_module_opens_with_a_sentence() -> None:
    silent = []
    for path in SOURCES:
        exempt = path.name in {"__init__.py", "apps.py", "urls.py", "admin.py"}
        if exempt or path.name.startswith("test_") or not path.read_text().strip():
            continue
        if ast.get_docstring(ast.parse(path.read_text())) is None:
            silent.append(_name(path))

    assert silent == []
