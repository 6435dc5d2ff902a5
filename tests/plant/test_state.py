import json

import pytest

from plant import records, state
from plant.records import Record
from plant.state import cap_log, read_fixed


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ('{"fixed": ["plc-port"]}', {"plc-port"}),
        ('{"fixed": "plc-port"}', set()),
        ('{"fixed": [1, null, "hmi-login"]}', {"hmi-login"}),
        ('{"fixed"', set()),
        ("[]", set()),
    ],
)
def test_it_reads_fixes_and_nothing_else(tmp_path, content, names):
    path = tmp_path / "fixes.json"
    path.write_text(content)

    assert read_fixed(path) == names


def test_it_reads_no_fixes_from_a_missing_file(tmp_path):
    assert read_fixed(tmp_path / "fixes.json") == set()


def test_it_keeps_the_newest_part_of_a_long_log(tmp_path, monkeypatch):
    monkeypatch.setattr(state, "LOG_LIMIT", 100)
    path = tmp_path / "host.log"
    path.write_text("old " * 50 + "new")

    cap_log(path)

    assert path.stat().st_size == 50
    assert path.read_text().endswith("new")


def test_it_writes_an_event_as_one_line(tmp_path):
    path = tmp_path / "PLC-P21.jsonl"

    Record(path).add("Client\nadded", code=8, at=0.0)

    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"time": "1970-01-01T00:00:00+00:00", "text": "Client\nadded", "code": 8}
    ]


def test_it_sets_a_long_record_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "RECORD_LIMIT", 10)
    record = Record(tmp_path / "PLC-P21.jsonl")

    record.add("first", code=1)
    record.add("second", code=2)

    assert "first" in (tmp_path / "PLC-P21.1.jsonl").read_text()
    assert "first" not in (tmp_path / "PLC-P21.jsonl").read_text()
