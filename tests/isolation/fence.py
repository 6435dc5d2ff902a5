"""One row of everything around a scope: hours, blackouts, proofs, letters and stops."""

import datetime as dt

from django.utils import timezone

from exposure.models import (
    OwnershipProof,
    ProofKind,
    Run,
    StopEffect,
    StopLevel,
    StopOrder,
)
from tenants.models import StoredFile, User
from tests.isolation.walking import Rows


def fence_rows(run: Run, *, name: str, by: User, letter: StoredFile) -> Rows:
    """Give a scope one row of everything around it; the stop order is lifted."""
    now, authorisation, site = timezone.now(), run.authorisation, run.site
    StopEffect.objects.create(run=run, asked_at=now, closed_at=now)
    later = now + dt.timedelta(days=400)
    hours = authorisation.weekly_hours.create(
        days="0123456", begins=dt.time(0), ends=dt.time(23, 59)
    )
    order = StopOrder.objects.create(
        level=StopLevel.SITE,
        site=site,
        reason=f"Stop of {name}",
        at=now,
        by=by,
        by_customer=True,
        lifted_at=now,
        lifted_by=by,
    )
    blackout = site.blackouts.create(
        begins_at=later, ends_at=later + dt.timedelta(hours=1), reason=f"Run of {name}"
    )
    deed = authorisation.letters.create(
        file=letter, covers=[f"Covers {name}"], uploaded_by=by
    )
    deed.approvals.create(by=by)
    OwnershipProof.objects.create(
        entry=authorisation.entries.get(), kind=ProofKind.DNS, token="0" * 32
    )
    exclusion = authorisation.exclusions.create(
        port=4444, probe="http", reason=f"Fragile {name}"
    )
    return {
        "<uuid:hours>": hours.pk,
        "<uuid:blackout>": blackout.pk,
        "<uuid:letter>": deed.pk,
        "<uuid:exclusion>": exclusion.pk,
        "<uuid:order>": order.pk,
    }
