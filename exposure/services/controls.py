"""Controls on ways and before exposures, and their tests, which alone give them credit."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotAllowed
from exposure.logic.controls import ControlFacts, Guard, guard_at
from exposure.models import Conduit, Control, ControlTest, Finding, Site
from exposure.models.controls import LONGEST_CADENCE
from exposure.probes.text import harmless
from exposure.services.access_words import check_names_only, note
from tenants.access import may
from tenants.models import Membership, Role
from tenants.rights import Right
from tenants.services import ledger

MOST_OF_A_SITE = 500
NAME, TEXT, RESULT = 120, 300, 1000
OLDEST_TEST = dt.timedelta(days=365)
REF = "SL-"
ONE_THING = (
    "Fill in one of the two: the way it stands on, or the exposure it stands before."
)


@dataclass(frozen=True, slots=True)
class ControlText:
    """What somebody says of a control; conduit by its name or finding by its reference."""

    name: str
    does: str
    how_tested: str
    cadence_days: int
    owner: uuid.UUID
    conduit: str = ""
    finding: str = ""


@dataclass(frozen=True, slots=True)
class SaidTest:
    """What somebody says of a test that they made."""

    tested_at: dt.datetime
    passed: bool
    result: str


@transaction.atomic
def add_control(site_id: uuid.UUID, text: ControlText, *, by: Membership) -> Control:
    """Describe a control of a plant. It counts for nothing before it passes a test.

    Raises NotAllowed, and InvalidInput with the field.
    """
    _check_right(by)
    site = Site.objects.select_for_update().get(pk=site_id)
    if Control.objects.filter(site=site).count() >= MOST_OF_A_SITE:
        raise InvalidInput("name", f"At most {MOST_OF_A_SITE} controls of a plant.")
    if not 1 <= text.cadence_days <= LONGEST_CADENCE:
        raise InvalidInput("cadence_days", f"Choose from 1 to {LONGEST_CADENCE} days.")
    check_names_only(name=text.name, does=text.does, how_tested=text.how_tested)
    conduit, finding = _guarded(site, text)
    owner = _owner(site, text.owner, by=by)
    row = Control.objects.create(
        site=site,
        conduit=conduit,
        finding=finding,
        name=_line("name", text.name, limit=NAME),
        does=_line("does", text.does, limit=TEXT),
        how_tested=_line("how_tested", text.how_tested, limit=TEXT),
        cadence_days=text.cadence_days,
        owner=owner.user,
        side=owner.side,
        added_by=by.user,
        added_at=timezone.now(),
    )
    _note("control.added", row, by=by, text=f"Described the control {row}.")
    return row


@transaction.atomic
def record_test(
    control_id: uuid.UUID, text: SaidTest, *, by: Membership
) -> ControlTest:
    """Write down a test of a control; it cannot be changed afterwards.

    Four eyes: a test that passed is recorded by somebody else than the owner of the
    control. Raises NotAllowed, Conflict for a retired control, and InvalidInput with
    the field.
    """
    _check_right(by)
    control = Control.objects.select_for_update().get(pk=control_id)
    _check_in_place(control)
    if text.passed and by.user_id == control.owner_id:
        raise InvalidInput(
            "passed",
            "You answer for this control, so somebody else records a test that it "
            "passed. One that it failed you can record yourself.",
        )
    now = timezone.now()
    if text.tested_at > now:
        raise InvalidInput("tested_at", "This time is still to come.")
    if text.tested_at < now - OLDEST_TEST:
        raise InvalidInput("tested_at", "A test counts for a year at most.")
    check_names_only(result=text.result)
    row = ControlTest.objects.create(
        control=control,
        tested_at=text.tested_at,
        tested_by=by.user,
        passed=text.passed,
        result=_line("result", text.result, limit=RESULT),
        noted_at=now,
    )
    told = f"The control {control} {row}."
    _note("control.tested", control, by=by, text=told, test=row)
    return row


@transaction.atomic
def retire_control(control_id: uuid.UUID, *, by: Membership) -> None:
    """Say that a control is not in place any more. Its tests stay.

    Raises NotAllowed, and Conflict for one that is retired already.
    """
    _check_right(by)
    row = Control.objects.select_for_update().get(pk=control_id)
    _check_in_place(row)
    row.retired_at = timezone.now()
    row.save(update_fields=["retired_at"])
    _note("control.retired", row, by=by, text=f"Retired the control {row}.")


def owners_of(sites: Iterable[Site], *, by: Membership) -> list[Membership]:
    """Return who could answer for a control of one of these plants, by name."""
    known = [site.pk for site in sites]
    return [
        row
        for row in _owners(by).order_by("user__name", "pk")
        if any(row.covers(pk) for pk in known)
    ]


def with_newest_test() -> QuerySet[Control]:
    """Return the controls, each with `newest_at` and `newest_passed` of its tests."""
    tests = ControlTest.objects.filter(control=OuterRef("pk")).order_by(
        "-tested_at", "-noted_at", "-pk"
    )
    return Control.objects.annotate(
        newest_at=Subquery(tests.values("tested_at")[:1]),
        newest_passed=Subquery(tests.values("passed")[:1]),
    )


def facts_of(row: Any) -> ControlFacts:
    """Return what is known of a row of `with_newest_test`."""
    return ControlFacts(
        name=row.name,
        cadence=dt.timedelta(days=row.cadence_days),
        tested_at=row.newest_at,
        passed=bool(row.newest_passed),
        is_retired=row.retired_at is not None,
    )


def guards_now() -> dict[uuid.UUID, Guard]:
    """Return by the id of each conduit and finding what its controls come to now."""
    found: dict[uuid.UUID, list[ControlFacts]] = defaultdict(list)
    for row in with_newest_test().filter(retired_at=None):
        subject = row.conduit_id or row.finding_id
        if subject:
            found[subject].append(facts_of(row))
    now = timezone.now()
    return {subject: guard_at(rows, now) for subject, rows in found.items()}


def _check_right(by: Membership) -> None:
    if not may(by, Right.CONTROL):
        raise NotAllowed("Only an owner describes and tests a control.")


def _check_in_place(row: Control) -> None:
    if row.retired_at is not None:
        raise Conflict("This control is retired. Describe a new one instead.")


def _guarded(site: Site, text: ControlText) -> tuple[Conduit | None, Finding | None]:
    name, ref = text.conduit.strip(), text.finding.strip().upper()
    if bool(name) == bool(ref):
        raise InvalidInput("conduit", ONE_THING)
    if name:
        conduit = Conduit.objects.filter(site=site, name=name).first()
        if conduit is None:
            raise InvalidInput("conduit", f"{site} has no way called {name[:120]}.")
        return conduit, None
    digits = ref.removeprefix(REF)
    number = int(digits) if digits.isascii() and digits.isdecimal() else 0
    finding = Finding.objects.filter(site_id=site.pk, number=number % 2**31).first()
    if finding is None:
        raise InvalidInput("finding", f"{site} has no exposure {ref[:20]}.")
    if not finding.is_counted:
        raise InvalidInput("finding", f"{finding.ref} is not open any more.")
    return None, finding


def _owners(by: Membership) -> QuerySet[Membership]:
    rows = Membership.objects.current().select_related("user")
    return rows.filter(workspace=by.workspace_id, role=Role.OWNER)


def _owner(site: Site, user_id: uuid.UUID, *, by: Membership) -> Membership:
    owner = _owners(by).filter(user=user_id).first()
    if owner is None or not owner.covers(site.pk):
        raise InvalidInput("owner", f"Choose an owner of {site}.")
    return owner


def _line(field: str, text: str, *, limit: int) -> str:
    """Return text as one line without anything hidden, or refuse it."""
    shown = harmless(" ".join(text.split()), limit=limit + 1)
    if not shown:
        raise InvalidInput(field, "This is needed.")
    if len(shown) > limit:
        raise InvalidInput(field, f"At most {limit} characters.")
    return shown


def _note(
    action: str,
    row: Control,
    *,
    by: Membership,
    text: str,
    test: ControlTest | None = None,
) -> None:
    after: dict[str, object] = {
        "on": str(row.conduit_id or row.finding_id),
        "name": row.name,
        "does": row.does,
        "how_tested": row.how_tested,
        "cadence_days": row.cadence_days,
        "owner": str(row.owner_id),
        "retired": row.retired_at is not None,
    }
    if test is not None:
        after["tested_at"] = test.tested_at.isoformat()
        after["passed"], after["result"] = test.passed, test.result
    note(
        action,
        about=f"control {row}",
        by=by,
        text=text,
        change=ledger.Change(after=after),
        site_id=row.site_id,
    )
