"""Whether workers inside a plant may look as from outside."""

import uuid

from django.db import transaction

from exposure.models import Authorisation
from exposure.services.scope import record, unsign
from tenants.models import Membership


@transaction.atomic
def set_from_inside(
    authorisation_id: uuid.UUID, *, everything: bool, by: Membership
) -> Authorisation:
    """Say whether workers inside the plant may look as from outside.

    More than before must be signed again; less holds at once.
    """
    authorisation = Authorisation.objects.select_for_update().get(pk=authorisation_id)
    if authorisation.all_from_inside == everything:
        return authorisation
    authorisation.all_from_inside = everything
    authorisation.save(update_fields=["all_from_inside"])
    if everything:
        unsign(authorisation)
    text = (
        "Workers inside the plant look as from outside."
        if everything
        else ("Workers inside the plant only listen, and identify above level 3.")
    )
    record(authorisation, "scope.inside", by=by, text=text)
    return authorisation
