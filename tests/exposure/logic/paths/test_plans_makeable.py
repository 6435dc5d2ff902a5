"""Which closings of the analysis a plan knows, and which nobody makes."""

from dataclasses import replace

from exposure.logic.paths.changes import candidates
from exposure.logic.paths.compile import compile_model
from exposure.logic.paths.plans.candidates import candidates_of
from exposure.logic.paths.plans.makeable import (
    closed_by,
    ending_id,
    used_by_the_process,
)
from exposure.logic.paths.plant import Plant
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import ConduitRow, CredentialRow, VendorAccessRow
from tests.exposure.logic.paths.plants import northmill


def test_what_is_closed_is_a_change_of_a_plan_or_none_that_plans_know():
    """A conduit that the process uses, a sign-in and a vendor's access are not ended."""
    inside = ConduitRow("c-in", "Panels", "z-cell", to_asset_id="a-jump", ports=(3389,))
    plant = replace(
        northmill(),
        conduits=(*northmill().conduits, inside),
        credentials=(CredentialRow("k", "A", held_on=("a-vpn",), opens=("a-hmi",)),),
        vendor_accesses=(VendorAccessRow("v", "Krohn", to_zone_id="z-dmz"),),
    )
    causes = compile_model(plant, policy=ScoringPolicy()).causes
    planned = {row.id: row for row in candidates_of(causes, Plant(plant))}

    unknown = set()
    for change in candidates(causes):
        key = ending_id(change.kind, change.subject_id)
        if key not in planned:
            unknown.add(change.id)
            continue
        assert closed_by(key) == change.id
        assert set(change.causes) <= set(planned[key].edit.keep)

    assert unknown == {"conduit:c-in", "credential:k", "vendor:v"}
    assert used_by_the_process(plant) == {"conduit:c-in"}
    assert closed_by("control:conduit:c-in") == closed_by("mfa:vendor:v") == ""
