"""Makes controls and their tests."""

import datetime as dt
from typing import Any

from django.utils import timezone

from exposure.models import Conduit, Control, ControlTest, Finding
from tenants.models import Membership, User
from tests.isolation.walking import Rows


def make_control(
    on: Conduit | Finding,
    *,
    owner: Membership,
    name: str = "Rule review",
    **values: Any,
) -> Control:
    """Let an owner answer for a control that nobody has tested."""
    is_finding = isinstance(on, Finding)
    return Control.objects.create(
        site=on.asset.site if isinstance(on, Finding) else on.site,
        finding=on if is_finding else None,
        conduit=None if is_finding else on,
        name=name,
        owner=owner.user,
        side=owner.side,
        added_by=owner.user,
        added_at=timezone.now(),
        **{
            "does": f"{name} lets the jump host through only",
            "how_tested": "Connect from the office; it must be refused",
            "cadence_days": 30,
            **values,
        },
    )


def make_test(
    control: Control, *, by: User, passed: bool = True, days_ago: float = 1
) -> ControlTest:
    """Let a control have been tested some days ago."""
    now = timezone.now()
    return ControlTest.objects.create(
        control=control,
        tested_at=now - dt.timedelta(days=days_ago),
        tested_by=by,
        passed=passed,
        result=f"{control.name} was tried from the office",
        noted_at=now,
    )


def control_rows(finding: Finding, *, owner: Membership, name: str) -> Rows:
    """Let a control with a test stand before a finding; return the parameter of it."""
    row = make_control(finding, owner=owner, name=f"Filter of {name}")
    make_test(row, by=owner.user)
    return {"<uuid:control>": row.pk}
