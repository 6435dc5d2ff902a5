"""The forms of plans and of maintenance windows."""

from collections.abc import Callable
from typing import Any

from django import forms

from exposure.forms.scope import moment
from exposure.logic.paths.plans.freezing import network_of
from exposure.logic.paths.plans.items import MOST_HOURS
from exposure.models import Line, Site
from exposure.services.plans import Wish

FIXED, FORBIDDEN = "fixed", "forbidden"
LINE = "line_"
"""What the name of a field begins with that is about one line; its id follows."""

WRONG = f"choose from 0 to {MOST_HOURS:,.0f} hours."


def _hours(label: str, help_text: str) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_HOURS,
        help_text=help_text,
        widget=forms.NumberInput({"class": "field short", "step": "any", "min": "0"}),
    )


def _between(name: str) -> Callable[[float], None]:
    def check(value: float) -> None:
        if not 0 <= value <= MOST_HOURS:
            raise forms.ValidationError(f"{name}: {WRONG}")

    return check


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer a field for each line that the reader sees."""
        super().__init__(*args, **kwargs)
        rows = list(Line.objects.select_related("site").order_by("site__name", "name"))
        several = len({row.site_id for row in rows}) > 1
        own = dict(self.initial.get("lines", ()))
        for row in rows:
            name = f"{row.name}, {row.site.name}" if several else row.name
            field = _hours(name, "")
            for key in field.error_messages:
                field.error_messages[key] = f"{name}: {WRONG}"
            field.validators = [_between(name)]
            self.fields[f"{LINE}{row.pk}"] = field
            self.initial[f"{LINE}{row.pk}"] = own.get(str(row.pk))

    @property
    def lines(self) -> list[forms.BoundField]:
        """The fields of the lines."""
        return [self[name] for name in self.fields if name.startswith(LINE)]

    @property
    def has_lines(self) -> bool:
        """Whether a line has hours of its own, or what was said of one is refused."""
        return any(each.value() not in (None, "") for each in self.lines)

    def clean(self) -> dict[str, Any] | None:
        """Refuse hours for a line that is not there: they would mean nothing."""
        if any(name.startswith(LINE) and name not in self.fields for name in self.data):
            raise forms.ValidationError("There is no such production line.")
        return super().clean()

    def _of_lines(self) -> tuple[tuple[str, float], ...]:
        said = ((each.name, self.cleaned_data.get(each.name)) for each in self.lines)
        return tuple(
            (name.removeprefix(LINE), hours)
            for name, hours in said
            if hours is not None
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
            lines=self._of_lines(),
        )


def _named(said: list[str], word: str) -> tuple[str, ...]:
    """Return the changes of which this was said: "fixed:patch:finding:1"."""
    rows = (each.partition(":") for each in said)
    return tuple(
        sorted({change for kind, _, change in rows if kind == word and change})
    )


class WindowForm(forms.Form):
    """When a line may stand still or a network be worked on, by the clock of the plant."""

    line = forms.ChoiceField(label="Line or network")
    begins_at = moment("From")
    ends_at = moment("Until")
    note = forms.CharField(label="Note", max_length=200, required=False)

    def __init__(
        self, *args: Any, lines: list[Line], sites: list[Site], **kwargs: Any
    ) -> None:
        """Offer the lines and the networks that the reader sees."""
        super().__init__(*args, **kwargs)
        field = self.fields["line"]
        networks = [(network_of(str(row.pk)), f"Network of {row}") for row in sites]
        field.choices = [*((str(row.pk), row.name) for row in lines), *networks]  # type: ignore[attr-defined]  # a ChoiceField
