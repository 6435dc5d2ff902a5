"""The forms of plans and of maintenance windows."""

from typing import Any

from django import forms

from exposure.forms.scope import moment
from exposure.logic.paths.plans.items import MOST_HOURS
from exposure.models import Line, Site
from exposure.services.plans import Wish

FIXED, FORBIDDEN = "fixed", "forbidden"


def _hours(label: str, help_text: str) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_HOURS,
        help_text=help_text,
        widget=forms.NumberInput({"class": "field short", "step": "any", "min": "0"}),
    )


def _sites() -> list[tuple[str, str]]:
    """Return the sites that have a line; what is about one of them is planned faster."""
    rows = Site.objects.filter(pk__in=Line.objects.values("site")).order_by("name")
    return [("", "All sites"), *((str(row.pk), row.name) for row in rows)]


class PlanForm(forms.Form):
    """What a plan may take, and which changes it must or must not make."""

    site = forms.ChoiceField(
        label="Lines of",
        required=False,
        choices=_sites,
        help_text="A plan for one site is there sooner.",
    )
    hours = _hours("Hours of work", "Empty: as many as it takes.")
    downtime = _hours("Hours of downtime", "Over all lines. Empty: any.")
    windows = forms.BooleanField(
        label="Lines stand still in their maintenance windows only", required=False
    )

    def wish(self) -> Wish:
        """Return what was asked for; `say` in the request names single changes."""
        said = self.data.getlist("say") if hasattr(self.data, "getlist") else []
        return Wish(
            hours=self.cleaned_data["hours"],
            downtime=self.cleaned_data["downtime"],
            windows=self.cleaned_data["windows"],
            fixed=_named(said, FIXED),
            forbidden=_named(said, FORBIDDEN),
            site=self.cleaned_data["site"],
        )


def _named(said: list[str], word: str) -> tuple[str, ...]:
    """Return the changes of which this was said: "fixed:patch:finding:1"."""
    rows = (each.partition(":") for each in said)
    return tuple(
        sorted({change for kind, _, change in rows if kind == word and change})
    )


class WindowForm(forms.Form):
    """When a line may stand still; times are those of its plant."""

    line = forms.ChoiceField(label="Production line")
    begins_at = moment("From")
    ends_at = moment("Until")
    note = forms.CharField(label="Note", max_length=200, required=False)

    def __init__(self, *args: Any, lines: list[Line], **kwargs: Any) -> None:
        """Offer the lines that the reader sees."""
        super().__init__(*args, **kwargs)
        field = self.fields["line"]
        field.choices = [(str(row.pk), row.name) for row in lines]  # type: ignore[attr-defined]  # a ChoiceField
