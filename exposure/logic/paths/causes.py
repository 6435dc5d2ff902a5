"""The uncertain reasons behind the steps, each named once and shared by what rests on it."""

from exposure.logic.paths.model import Cause
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    Access,
    AssetRow,
    Basis,
    ConduitRow,
    CredentialRow,
    FindingRow,
    ServiceRow,
    VendorAccessRow,
    ZoneRow,
)


def sign_in(credential: CredentialRow, asset: AssetRow) -> str:
    """Return the id of the cause that a credential works at an asset."""
    everywhere = f"credential:{credential.id}"
    return everywhere if credential.shared else f"{everywhere}:{asset.id}"


class Reasons:
    """Makes the causes of one plant under one scoring policy."""

    def __init__(self, plant: Plant, policy: ScoringPolicy) -> None:
        self.plant, self.policy = plant, policy

    def conduit(self, conduit: ConduitRow, *, seen: bool = False) -> Cause:
        """A port that was seen open through a conduit is observed; its others are not."""
        basis = Basis.OBSERVED if seen else conduit.basis
        verified = conduit.verified_control
        return Cause(
            id=f"seen_conduit:{conduit.id}" if seen else f"conduit:{conduit.id}",
            kind="conduit",
            subject_id=conduit.id,
            label=conduit.name,
            p=self.policy.of_basis(basis, verified_control=verified),
            word=str(basis),
            width=self.policy.widths[basis],
        )

    def service(self, service: ServiceRow) -> Cause:
        """That it answered is known."""
        asset = self.plant.asset(service.asset_id)
        origin = self.plant.zone_name(service.seen_from)
        return Cause(
            id=f"service:{service.id}",
            kind="service",
            subject_id=service.id,
            label=f"{asset.name} port {service.port}, seen from {origin}",
            p=self.policy.of_basis(Basis.OBSERVED),
            word=str(Basis.OBSERVED),
            width=self.policy.widths[Basis.OBSERVED],
        )

    def same_zone(self, zone_id: str) -> Cause:
        """One cause for the whole zone: whether it is flat is one question, not many."""
        return Cause(
            id=f"same_zone:{zone_id}",
            kind="same_zone",
            subject_id=zone_id,
            label=f"no filter inside {self.plant.zone_name(zone_id)}",
            p=self.policy.of_basis(Basis.ASSUMED),
            word=str(Basis.ASSUMED),
            width=self.policy.widths[Basis.ASSUMED],
        )

    def finding(self, finding: FindingRow) -> Cause:
        """Whether it can be used."""
        return Cause(
            id=f"finding:{finding.id}",
            kind="finding",
            subject_id=finding.id,
            label=finding.ref,
            p=self.policy.of_finding(finding),
            word=str(finding.grade),
            width=self.policy.widths[finding.grade],
        )

    def credential(self, credential: CredentialRow, asset: AssetRow) -> Cause:
        """A password that is the same everywhere works everywhere, or nowhere."""
        one_for_all = credential.shared
        name = credential.name
        return Cause(
            id=sign_in(credential, asset),
            kind="credential",
            subject_id=credential.id,
            label=name if one_for_all else f"{name} at {asset.name}",
            p=self.policy.of_credential(credential),
            word=str(credential.basis),
            width=self.policy.width_of(credential.access, credential.basis),
        )

    def vendor(self, access: VendorAccessRow) -> Cause:
        """Whether somebody comes in through it."""
        return Cause(
            id=f"vendor:{access.id}",
            kind="vendor",
            subject_id=access.id,
            label=f"remote access of {access.vendor}",
            p=self.policy.of_vendor(access),
            word=str(access.basis),
            width=self.policy.width_of(Access.VENDOR, access.basis),
        )

    def phishing(self, zone: ZoneRow) -> Cause:
        """One cause a zone: its people are asked again and again, not each port."""
        return Cause(
            id=f"phishing:{zone.id}",
            kind="phishing",
            subject_id=zone.id,
            label=f"mail to the people in {zone.name}",
            p=self.policy.of_phishing(),
            word=str(Basis.ASSUMED),
            width=self.policy.width_of(Access.PHISHING, Basis.ASSUMED),
        )
