"""What follows once one asset is taken, counted on the newest revision."""

from dataclasses import replace

from common.kept import Kept
from exposure.logic.paths.blast import BlastRadius, blast_radius
from exposure.logic.paths.codec import read
from exposure.logic.paths.draws import seed_number
from exposure.services.counting import Question, answer_to, is_small
from exposure.services.paths import PathAnswer, compiled_of
from tenants.scope import current_workspace_id

KEPT = 32
AT_ONCE = 500_000
"""Bytes of a plant of about 1 000 assets: 50 ms. A page leaves more to a job."""

_radii: Kept[BlastRadius] = Kept(KEPT)


def onward_from(answer: PathAnswer, asset_id: str) -> BlastRadius | None:
    """Return what follows when an asset is taken, in the worlds of the answer.

    None: the answer is of a plant without this asset. For a reader of some sites it
    holds their lines, and those of the other assets that they may see. Raises
    `counting.BeingCounted` for a large plant before a job has counted it, and
    `counting.NotCounted` when none could.
    """
    ids = answer.sight.ids if answer.sight else None
    known = {row.id for row in answer.plant.assets if ids is None or row.id in ids}
    if asset_id not in known:
        return None
    question = Question(answer.revision.pk, answer.sight, answer.counted, asset_id)
    key = (current_workspace_id(), question)
    radius = _radii.get(key, lambda: _radius(question, answer))
    assets = tuple(row for row in radius.assets if row.asset_id in known)
    return replace(radius, assets=assets)


def _radius(question: Question, answer: PathAnswer) -> BlastRadius:
    if is_small(question.revision_id, most=AT_ONCE):
        return count_onward(question, answer)
    return read(BlastRadius, answer_to(question))


def count_onward(question: Question, answer: PathAnswer) -> BlastRadius:
    """Count what follows from an asset, however long it takes; `answer` is of the question.

    Assets that are out of sight are among it.
    """
    compiled = compiled_of(answer)
    return blast_radius(
        compiled.plant,
        compiled.graph,
        question.asset_id,
        seed=seed_number(answer.analysis.seed),
        worlds=answer.revision.worlds,
    )
