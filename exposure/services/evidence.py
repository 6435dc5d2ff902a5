"""Evidence items, and the bundle of material facts that people sign."""

from typing import Any

from common.canonical import canonical_sha256
from exposure.logic.checks import WeaknessCheck
from exposure.logic.grades import Grade
from exposure.models import Evidence, EvidenceKind, Finding, Observation
from exposure.probes.base import Target
from exposure.probes.replay import replay_command
from exposure.services import paths


def add_evidence(  # noqa: PLR0913 - one row, all of its columns
    finding: Finding,
    *,
    kind: EvidenceKind,
    observation: Observation,
    holds: bool | None,
    grade: Grade,
    title: str,
    text: str,
    check: WeaknessCheck | None = None,
) -> Evidence:
    """Append one item with its transcript; its hash covers everything it says."""
    item = Evidence(
        finding=finding,
        observation=observation,
        run=observation.run,
        revision=finding.revision,
        kind=kind,
        holds=holds,
        grade=grade.value,
        title=title[:200],
        text=text,
        vantage_name=observation.vantage.name,
        check_id=check.id if check else "",
        check_version=check.version if check else 0,
        not_done=check.not_done[:200] if check else "",
        replay=replay_command(
            observation.probe, Target(observation.address, observation.port)
        ),
        exchanges=observation.exchanges,
        at=observation.at,
    )
    item.sha256 = evidence_hash(item)
    item.save()
    return item


def evidence_hash(item: Evidence) -> str:
    """Return the SHA-256 over the canonical form of what the item says."""
    return canonical_sha256(
        {
            "finding": str(item.finding_id),
            "kind": item.kind,
            "holds": item.holds,
            "grade": item.grade,
            "title": item.title,
            "text": item.text,
            "vantage": item.vantage_name,
            "check": f"{item.check_id}/{item.check_version}",
            "exchanges": item.exchanges,
            "at": item.at.isoformat(),
        }
    )


def bundle(finding: Finding) -> dict[str, Any]:
    """Return what is material for a decision: no times, nothing that drifts.

    The targets come from the newest path revision; see `services.paths`.
    """
    asset = finding.asset
    return {
        "v": 1,
        "finding": finding.ref,
        "check": f"{finding.check_id}/{finding.check_version}",
        "grade": finding.grade,
        "threat": finding.threat,
        "gives": finding.gives,
        "asset": asset.name,
        "zone": asset.zone.name if asset.zone else "",
        "level": asset.zone.level if asset.zone else None,
        "port": finding.service.port,
        "targets": paths.targets_of(finding),
        "policy": paths.policy().sha256,
    }


def bundle_hash(finding: Finding) -> str:
    """Return the SHA-256 over the canonical form of the bundle."""
    return canonical_sha256(bundle(finding))
