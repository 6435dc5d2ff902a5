"""The forms of controls and of their tests."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from exposure.forms.scope import moment
from exposure.models import Site
from exposure.models.controls import LONGEST_CADENCE
from exposure.services.controls import ControlText, SaidTest
from tenants.models import Membership

PASSED, FAILED = "passed", "failed"


class ControlForm(forms.Form):
    """What stands on a way or before an exposure, who answers for it, how it is tested."""

    site = forms.ChoiceField(label="Plant")
    name = forms.CharField(label="What it is called", max_length=120)
    conduit = forms.CharField(
        label="On the way",
        required=False,
        max_length=120,
        help_text="Its name under zones and assets.",
    )
    finding = forms.CharField(
        label="Or before the exposure",
        required=False,
        max_length=20,
        help_text="Its reference, such as SL-12.",
    )
    does = forms.CharField(
        label="What it does",
        max_length=300,
        help_text="For example: a rule that lets only the jump host through.",
    )
    how_tested = forms.CharField(
        label="How it is tested",
        max_length=300,
        help_text="For example: connect from the office network; it must be refused.",
    )
    owner = forms.ChoiceField(
        label="Who answers for it",
        help_text="Somebody else records the tests that it passed.",
    )
    cadence_days = forms.IntegerField(
        label="Tested again every, in days",
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_CADENCE)],
        help_text="So long a test counts.",
        widget=forms.NumberInput({"class": "field short", "min": "1"}),
    )
    field_order = (
        "site",
        "conduit",
        "finding",
        "name",
        "does",
        "how_tested",
        "cadence_days",
        "owner",
    )

    def __init__(
        self,
        *args: Any,
        sites: Sequence[Site],
        owners: Sequence[Membership],
        **kwargs: Any,
    ) -> None:
        """Offer plants and owners; where there is one plant only, nobody has to choose."""
        super().__init__(*args, **kwargs)
        field, owner = self.fields["site"], self.fields["owner"]
        field.choices = [(str(row.pk), row.name) for row in sites]  # type: ignore[attr-defined]  # a ChoiceField
        owner.choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (str(row.user_id), f"{row.user.name}, {row.get_side_display()}")
            for row in owners
        ]
        if len(sites) == 1:
            field.widget = forms.HiddenInput()
            field.initial = str(sites[0].pk)

    def site_id(self) -> uuid.UUID:
        """Return the plant that was chosen."""
        return uuid.UUID(self.cleaned_data["site"])

    def text(self) -> ControlText:
        """Return what was said."""
        data = {name: self.cleaned_data[name] for name in self.fields if name != "site"}
        return ControlText(owner=uuid.UUID(data.pop("owner")), **data)


class ControlTestForm(forms.Form):
    """When a control was tested, whether it passed, and what was seen."""

    tested_at = moment("Tested at")
    passed = forms.ChoiceField(
        label="It",
        choices=[("", "say which"), (PASSED, "passed"), (FAILED, "failed")],
    )
    result = forms.CharField(
        label="What was done, and what was seen",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )

    def text(self) -> SaidTest:
        """Return what was said."""
        at: dt.datetime = self.cleaned_data["tested_at"]
        passed = self.cleaned_data["passed"] == PASSED
        return SaidTest(at, passed, self.cleaned_data["result"])
