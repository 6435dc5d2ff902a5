"""The hash of an item, and the bundle that people sign."""

import datetime as dt
import uuid
from typing import Any

import pytest
from pytest_django import Settings

from exposure.logic.grades import Grade
from exposure.models import Asset, Evidence, EvidenceKind, Finding, Line
from exposure.services import evidence, rebuild

LATER = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def item(finding: Finding) -> Evidence:
    """One item, written the way the product writes it."""
    return evidence.add_evidence(
        finding,
        kind=EvidenceKind.CHECK,
        observation=finding.service.observation,
        holds=True,
        grade=Grade.E4,
        title="The weakness was seen",
        text="No protection is set.",
    )


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("finding_id", uuid.UUID(int=1)),
        ("kind", "second"),
        ("holds", False),
        ("holds", None),
        ("grade", "E1"),
        ("title", "The weakness was not seen"),
        ("text", "Protection is set."),
        ("vantage_name", "Sensor"),
        ("check_id", "other"),
        ("check_version", 2),
        ("exchanges", []),
        ("at", LATER),
    ],
)
def test_its_hash_covers(item: Evidence, what: str, value: Any) -> None:
    setattr(item, what, value)

    assert evidence.evidence_hash(item) != item.sha256


def test_its_hash_is_found_again(item: Evidence) -> None:
    stored = Evidence.objects.get(pk=item.pk)

    assert evidence.evidence_hash(stored) == stored.sha256


def test_seeing_the_same_again_does_not_change_what_is_signed(
    finding: Finding, item: Evidence
) -> None:
    before = evidence.bundle_hash(finding)

    evidence.add_evidence(
        finding,
        kind=EvidenceKind.SECOND,
        observation=finding.service.observation,
        holds=True,
        grade=Grade.E4,
        title="A second check agrees",
        text="Still no protection.",
    )
    finding.service.last_seen = LATER
    finding.service.save()

    assert evidence.bundle_hash(Finding.objects.get()) == before


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("grade", "E2"),
        ("threat", "active"),
        ("gives", "foothold"),
        ("check_version", 2),
    ],
)
def test_a_material_fact_changes_it(finding: Finding, what: str, value: Any) -> None:
    before = evidence.bundle_hash(finding)

    setattr(finding, what, value)

    assert evidence.bundle_hash(finding) != before


def test_a_new_consequence_of_the_line_changes_it(
    finding: Finding, settings: Settings
) -> None:
    settings.PATH_WORLDS = 256
    Asset.objects.update(line=Line.objects.get())
    rebuild.rebuild_paths()
    before = evidence.bundle(finding)

    Line.objects.update(mission="mission_failure")
    rebuild.rebuild_paths()

    after = evidence.bundle(Finding.objects.get())
    assert [target["points"] for target in before["targets"]] == [10]
    assert [target["points"] for target in after["targets"]] == [30]


def test_there_is_no_time_in_it(finding: Finding) -> None:
    text = repr(evidence.bundle(finding))

    assert str(finding.detected_at.year) not in text
    assert "datetime" not in text
