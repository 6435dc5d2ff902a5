"""The forms around a scope: entries, terms, hours, proofs and stops."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from exposure.logic.consents import CONSENTS
from exposure.logic.hours import DAYS
from exposure.models import Line, ProofKind, Site, StopLevel, Vantage
from exposure.probes.registry import BY_NAME

LOWEST_PORT, HIGHEST_PORT = 1, 65535


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
    """What is never touched, and why; what is left empty is any."""

    value = forms.CharField(
        label="Address or range",
        max_length=300,
        required=False,
        help_text="Empty: every address.",
    )
    port = forms.IntegerField(
        label="Port",
        required=False,
        validators=[MinValueValidator(LOWEST_PORT), MaxValueValidator(HIGHEST_PORT)],
        help_text="Empty: every port.",
    )
    probe = forms.ChoiceField(
        label="Probe",
        required=False,
        choices=[("", "Every probe"), *((name, name) for name in sorted(BY_NAME))],
    )
    reason = forms.CharField(label="Why", max_length=200)


class SignForm(forms.Form):
    """The customer's signature under the scope as the page shows it."""

    seen = forms.CharField(widget=forms.HiddenInput(), max_length=64)
    consents = forms.MultipleChoiceField(
        label="Also permitted, each only if you tick it",
        required=False,
        choices=list(CONSENTS.items()),
        widget=forms.CheckboxSelectMultiple(),
    )
    agreed = forms.BooleanField(
        label="I have read the scope and the statement, and I may permit this.",
        error_messages={"required": "Tick this to sign."},
    )


def _day(label: str, *, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=widget)


def moment(label: str) -> forms.DateTimeField:
    # A browser's control writes no zone: it is the plant's clock.
    widget = forms.DateTimeInput(
        attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
    )
    return forms.DateTimeField(
        label=label,
        widget=widget,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


class TermsForm(forms.Form):
    """What the customer is asked to sign, besides the scope itself."""

    statement = forms.CharField(
        label="Statement", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    valid_from = _day("Valid from")
    valid_until = _day("Last day")
    packets_per_second = forms.IntegerField(
        label="Packets a second, at most", initial=500
    )


class CreateForm(TermsForm):
    """A new authorisation for a plant."""

    site = forms.ChoiceField(label="Plant")
    reference = forms.CharField(
        label="Reference", max_length=40, help_text="For example TH-2027-01."
    )
    field_order = ("site", "reference")

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        """Offer the plants that the reader answers for."""
        super().__init__(*args, **kwargs)
        field = self.fields["site"]
        field.choices = [(str(row.pk), row.name) for row in sites]  # type: ignore[attr-defined]  # a ChoiceField


class HoursForm(forms.Form):
    """Weekly hours in which work is allowed."""

    days = forms.TypedMultipleChoiceField(
        label="Days",
        coerce=int,
        choices=list(enumerate(DAYS)),
        widget=forms.CheckboxSelectMultiple(),
    )
    begins = _time("From")
    ends = _time("To")


class BlackoutForm(forms.Form):
    """A time in which nothing is sent to the plant."""

    begins_at = moment("From")
    ends_at = moment("Until")
    reason = forms.CharField(label="Why", max_length=200)
    line = forms.ChoiceField(
        label="Production line",
        required=False,
        help_text="Nothing is sent to the whole plant meanwhile.",
    )

    def __init__(self, *args: Any, lines: list[Line], **kwargs: Any) -> None:
        """Offer the lines of the plant."""
        super().__init__(*args, **kwargs)
        offer_lines(self.fields["line"], lines)


class CalendarForm(forms.Form):
    """A production calendar as a file."""

    file = forms.FileField(
        label="Calendar file (.ics)",
        help_text="Every event ahead becomes a blackout. At most 256 kB.",
    )
    line = forms.ChoiceField(label="Production line", required=False)

    def __init__(self, *args: Any, lines: list[Line], **kwargs: Any) -> None:
        """Offer the lines of the plant."""
        super().__init__(*args, **kwargs)
        offer_lines(self.fields["line"], lines)


def offer_lines(field: forms.Field, lines: list[Line]) -> None:
    """Let a field choose one of the lines, or none."""
    rows = [(str(row.pk), row.name) for row in lines]
    field.choices = [("", "No one line"), *rows]  # type: ignore[attr-defined]  # a ChoiceField


class ZoneForm(forms.Form):
    """By which clock the plant works."""

    zone = forms.CharField(
        label="Time zone", max_length=64, help_text="Such as Europe/Vienna."
    )


class ProveForm(forms.Form):
    """How an entry is to be proven."""

    kind = forms.ChoiceField(
        choices=[(ProofKind.DNS, "dns"), (ProofKind.HTTP, "http")],
        widget=forms.HiddenInput(),
    )
    address = forms.CharField(required=False, max_length=64)


class LetterForm(forms.Form):
    """A letter of ownership, and what it is about."""

    file = forms.FileField(label="Letter", help_text="A PDF or a scan, at most 5 MB.")
    covers = forms.MultipleChoiceField(
        label="About", choices=[], widget=forms.CheckboxSelectMultiple()
    )

    def __init__(self, *args: Any, values: list[str], **kwargs: Any) -> None:
        """Offer the entries of the scope."""
        super().__init__(*args, **kwargs)
        field = self.fields["covers"]
        field.choices = [(value, value) for value in values]  # type: ignore[attr-defined]  # a ChoiceField


class StopForm(forms.Form):
    """What is stopped, and why; nothing but the choice itself is asked of anybody."""

    level = forms.ChoiceField(
        label="Stop",
        choices=StopLevel.choices,
        initial=StopLevel.WORKSPACE,
    )
    site = forms.ChoiceField(label="Plant", required=False)
    network = forms.CharField(
        label="Address or range",
        required=False,
        max_length=64,
        help_text="For example 203.0.113.0/28. Empty for everything, or a whole plant.",
    )
    reason = forms.CharField(label="Why", required=False, max_length=200)

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        """Offer the plants that the reader answers for."""
        super().__init__(*args, **kwargs)
        rows = [(str(row.pk), row.name) for row in sites]
        self.fields["site"].choices = [("", "Every plant"), *rows]  # type: ignore[attr-defined]  # a ChoiceField
