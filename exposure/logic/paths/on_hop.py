"""Which changes break a hop: those that close one of the causes it rests on."""

from collections.abc import Iterable, Mapping

from exposure.logic.paths.results import CauseRow, ChangeValue, Hop


def changes_on(
    hop: Hop, changes: Iterable[ChangeValue], causes: Mapping[str, CauseRow]
) -> list[ChangeValue]:
    """Return the changes that close a cause of the hop, in the order they come in.

    `causes` are those of the analysis by id. A hop needs all of its causes, so each of
    these changes ends it by itself, whatever its kind: a finding, a conduit, a vendor's
    access, a sign-in, a zone without a filter.
    """
    used = {
        (cause.kind, cause.subject_id)
        for key in hop.cause_ids
        if (cause := causes.get(key)) is not None
    }
    return [row for row in changes if (row.kind, row.subject_id) in used]
