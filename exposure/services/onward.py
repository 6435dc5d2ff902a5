"""What follows once one asset is taken, counted on the newest revision."""

from dataclasses import replace

from exposure.logic.paths.blast import BlastRadius, blast_radius
from exposure.logic.paths.draws import seed_number
from exposure.services.paths import PathAnswer, compiled_of


def onward_from(answer: PathAnswer, asset_id: str) -> BlastRadius | None:
    """Return what follows when an asset is taken, in the worlds of the answer.

    None: the answer is of a plant without this asset. For a reader of some sites it
    holds their lines, and those of the other assets that they may see.
    """
    ids = answer.sight.ids if answer.sight else None
    known = {row.id for row in answer.plant.assets if ids is None or row.id in ids}
    if asset_id not in known:
        return None
    compiled = compiled_of(answer)
    radius = blast_radius(
        compiled.plant,
        compiled.graph,
        asset_id,
        seed=seed_number(answer.analysis.seed),
        worlds=answer.revision.worlds,
    )
    assets = tuple(row for row in radius.assets if row.asset_id in known)
    return replace(radius, assets=assets)
