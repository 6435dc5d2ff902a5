"""The forms of runs; those of a scope are beside. Rules live in the services."""

import datetime as dt
import ipaddress
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone

from exposure.logic.cadence import WEEKDAYS
from exposure.logic.profiles import GENTLE, NORMAL, PROFILES
from exposure.logic.scope_text import Network
from exposure.models import Authorisation, OwnerAnswer, Run, Zone
from exposure.models.schedules import EVERY_CHOICES, PROFILE_CHOICES
from exposure.services.probe_ledger import Asked

YEARS = range(1970, 9000)  # a clock has moments before and after these


def _short() -> forms.TextInput:
    return forms.TextInput({"class": "field short"})


def _day() -> forms.DateInput:
    return forms.DateInput({"class": "field short", "type": "date"}, format="%Y-%m-%d")


def _of_our_times(day: dt.date | None) -> dt.date | None:
    if day is not None and day.year not in YEARS:
        raise forms.ValidationError("Choose a day of our times.")
    return day


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


class StartForm(forms.Form):
    """Which authorisation a run uses (hidden where there is one only), and how."""

    authorisation = forms.ChoiceField(label="Authorisation")
    profile = forms.ChoiceField(
        label="Profile", choices=PROFILE_CHOICES, required=False, initial=NORMAL.name
    )

    def clean_profile(self) -> str:
        """Return the profile; a form of before there were profiles means the normal."""
        return self.cleaned_data["profile"] or NORMAL.name

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
        # A reader has to choose; a program that posts the form may leave it out.
        self.fields["profile"].required = not self.is_bound


class LookForm(StartForm):
    """Which authorisation a look at the names uses."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out how carefully: nothing but names is asked for."""
        super().__init__(*args, **kwargs)
        del self.fields["profile"]


class ScheduleForm(forms.Form):
    """How carefully, and when, a site is looked at without anybody asking."""

    authorisation = forms.ChoiceField(label="Authorisation")
    profile = forms.ChoiceField(
        label="Profile",
        choices=PROFILE_CHOICES,
        initial=GENTLE.name,
        help_text=" ".join(
            f"{each.label}: {each.words()}." for each in PROFILES.values()
        ),
    )
    every = forms.ChoiceField(label="How often", choices=EVERY_CHOICES)
    weekday = forms.TypedChoiceField(
        label="Weekday, if weekly",
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        initial=6,
    )
    day = forms.IntegerField(
        label="Day of the month, if monthly",
        min_value=1,
        max_value=31,
        initial=1,
        help_text="A shorter month takes its last day.",
    )
    at = forms.TimeField(
        label="At",
        initial="02:00",
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric"}),
        help_text="Local time there, for example 02:00.",
    )
    zone = forms.CharField(
        label="Time zone", max_length=64, help_text="For example Europe/London."
    )
    on_new_check = forms.BooleanField(
        label="Also when a new critical check appears",
        required=False,
        initial=True,
        help_text="In the next allowed hour, once for each set of checks.",
    )

    def __init__(
        self,
        *args: Any,
        authorisations: list[Authorisation],
        zone: str = "",
        **kwargs: Any,
    ) -> None:
        """Offer the authorisations, and the time zone of the customer."""
        super().__init__(*args, **kwargs)
        field = self.fields["authorisation"]
        field.choices = [(str(row.pk), row.reference) for row in authorisations]  # type: ignore[attr-defined]  # a ChoiceField
        if zone:
            self.fields["zone"].initial = zone

    def clean_zone(self) -> str:
        """Return the name of a time zone that exists."""
        name: str = self.cleaned_data["zone"]
        if name not in available_timezones():
            raise forms.ValidationError("There is no such time zone.")
        return name


class VantageForm(forms.Form):
    """A place to look from."""

    name = forms.CharField(label="Name", max_length=120)
    zone = forms.ChoiceField(label="Where", required=False)
    own_worker = forms.BooleanField(
        label="A worker of its own stands there",
        required=False,
        help_text="Otherwise this installation's own worker looks, as if from there.",
    )

    def __init__(self, *args: Any, zones: list[Zone], **kwargs: Any) -> None:
        """Offer the internet and the zones."""
        super().__init__(*args, **kwargs)
        field = self.fields["zone"]
        inside = [(str(row.pk), f"{row.name}, level {row.level:g}") for row in zones]
        field.choices = [("", "The internet"), *inside]  # type: ignore[attr-defined]  # a ChoiceField


class NameForm(forms.Form):
    """Another name."""

    name = forms.CharField(label="New name", max_length=120)


class AnswerForm(forms.Form):
    """Whether something that was found is the customer's."""

    says = forms.ChoiceField(
        label="Is it yours?",
        choices=[
            ("", "Choose"),
            (OwnerAnswer.OURS.value, "Yes, it is ours"),
            (OwnerAnswer.NOT_OURS.value, "No, it is not ours"),
        ],
    )
    reason = forms.CharField(
        label="Why",
        max_length=300,
        required=False,
        help_text="Needed when it is not yours; nobody asks again then.",
    )


class SentForm(forms.Form):
    """Which part of the probe ledger is wanted."""

    address = forms.CharField(
        label="Address or range", max_length=49, required=False, widget=_short()
    )
    run = forms.IntegerField(
        label="Run", min_value=1, max_value=2**31 - 1, required=False, widget=_short()
    )
    since = forms.DateField(label="From", required=False, widget=_day())
    until = forms.DateField(label="Until, and with it", required=False, widget=_day())

    def clean_address(self) -> Network | None:
        """Return the range; a single address is a range of one."""
        text = self.cleaned_data["address"].strip()
        try:
            return ipaddress.ip_network(text, strict=False) if text else None
        except ValueError as error:
            raise forms.ValidationError(
                "Write an address such as 203.0.113.14, or a range such as 203.0.113.0/28."
            ) from error

    def clean_run(self) -> Run | None:
        """Return the run with that number."""
        number = self.cleaned_data["run"]
        run = Run.objects.filter(number=number).first() if number else None
        if number and run is None:
            raise forms.ValidationError(f"There is no run {number}.")
        return run

    def clean_since(self) -> dt.date | None:
        """Return the first day."""
        return _of_our_times(self.cleaned_data["since"])

    def clean_until(self) -> dt.date | None:
        """Return the last day."""
        return _of_our_times(self.cleaned_data["until"])

    def asked(self) -> Asked:
        """Return the question; the days are those of the workspace's clocks."""
        since, until = (self.cleaned_data[name] for name in ("since", "until"))
        return Asked(
            run=self.cleaned_data["run"],
            network=self.cleaned_data["address"],
            since=_midnight(since) if since else None,
            until=_midnight(until + dt.timedelta(days=1)) if until else None,
        )


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
