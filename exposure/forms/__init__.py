"""The forms of runs; those of a scope are beside. Rules live in the services."""

import datetime as dt
import ipaddress
from typing import Any

from django import forms
from django.utils import timezone

from exposure.logic.scope_text import Network
from exposure.models import Authorisation, Run
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
