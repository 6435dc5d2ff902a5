"""The forms of runs and scope; rules live in the services."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from exposure.models import Authorisation, Vantage

LOWEST_PORT, HIGHEST_PORT = 1, 65535


class StartForm(forms.Form):
    """Which authorisation a run uses; hidden where there is one only."""

    authorisation = forms.ChoiceField(label="Authorisation")

    def __init__(
        self, *args: Any, authorisations: list[Authorisation], **kwargs: Any
    ) -> None:
        """Offer the authorisations that are valid now."""
        super().__init__(*args, **kwargs)
        field = self.fields["authorisation"]
        field.choices = [(str(row.pk), row.reference) for row in authorisations]  # type: ignore[attr-defined]  # a ChoiceField
        if len(authorisations) == 1:
            field.widget = forms.HiddenInput()
            field.initial = str(authorisations[0].pk)


class EntryForm(forms.Form):
    """One address, range or name, and from where it is looked at."""

    value = forms.CharField(
        label="Address, range or name",
        max_length=300,
        help_text="For example 203.0.113.0/28, 203.0.113.14 or vpn.example.com.",
    )
    vantage = forms.ChoiceField(label="Looked at from")

    def __init__(self, *args: Any, vantages: list[Vantage], **kwargs: Any) -> None:
        """Offer the vantages of the workspace."""
        super().__init__(*args, **kwargs)
        field = self.fields["vantage"]
        field.choices = [(str(row.pk), row.name) for row in vantages]  # type: ignore[attr-defined]  # a ChoiceField


class ExclusionForm(forms.Form):
    """What is never touched, and why."""

    value = forms.CharField(label="Address or range", max_length=300)
    port = forms.IntegerField(
        label="Port",
        required=False,
        validators=[MinValueValidator(LOWEST_PORT), MaxValueValidator(HIGHEST_PORT)],
        help_text="Empty: every port.",
    )
    reason = forms.CharField(label="Why", max_length=200)


class SourceKeyForm(forms.Form):
    """The key of an outside source; it is never shown again."""

    key = forms.CharField(
        label="Key",
        required=False,
        max_length=500,
        widget=forms.PasswordInput(
            {"class": "field", "autocomplete": "off"}, render_value=False
        ),
        help_text="Empty: the key is removed.",
    )


class SignForm(forms.Form):
    """The customer's signature under the scope as the page shows it."""

    seen = forms.CharField(widget=forms.HiddenInput(), max_length=64)
    agreed = forms.BooleanField(
        label="I have read the scope and the statement, and I may permit this.",
        error_messages={"required": "Tick this to sign."},
    )
