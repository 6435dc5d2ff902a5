"""The form about what one change costs here."""

import re
import uuid
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dateformat import format as date_format

from exposure.logic.paths.plans.items import MOST_HOURS
from exposure.models import ChangeCost, MaintenanceWindow
from exposure.services.change_costs import CostText
from exposure.services.hours import zone_of

NO_LINE = "none"
LONGEST = 20_000
MOST_LINES = 200
HUNDRED = 100.0
# What float() takes besides (nan, 1_0, 1e9) is no number of hours.
HOURS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


def _text(label: str, *, rows: int, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": rows}),
        help_text=help_text,
    )


def _between(highest: float) -> Callable[[float], None]:
    def check(value: float) -> None:
        if not 0 <= value <= highest:
            raise forms.ValidationError(f"Choose from 0 to {highest:,.0f}.")

    return check


class CostForm(forms.Form):
    """What one change costs. Every field that is left empty stays as in the table."""

    hours = forms.FloatField(
        label="Hours of work",
        required=False,
        validators=[_between(MOST_HOURS)],
        help_text="Empty: as the table.",
        widget=forms.NumberInput({"class": "field short", "step": "any", "min": "0"}),
    )
    leaves = forms.FloatField(
        label="What it leaves, in %",
        required=False,
        validators=[_between(HUNDRED)],
        help_text="The share of cases in which it does not help. 0: it ends the cause.",
        widget=forms.NumberInput({"class": "field short", "step": "any", "min": "0"}),
    )
    downtime = _text(
        "Lines that stand still",
        rows=2,
        help_text="One a line with its hours, such as Pasteuriser 2: 4. "
        "“none”: no line stands still. Empty: as the table.",
    )
    needs = _text(
        "Needs first",
        rows=2,
        help_text="Other changes of this plant, one a line, as the list calls them.",
    )
    only_in = forms.MultipleChoiceField(
        label="Only in these windows",
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text="None ticked: any window of its lines, and any time if it stops none. "
        "A change that stops no line goes into windows of the network. Counts in plans "
        "with windows.",
    )
    cannot = forms.CharField(
        label="Cannot be made here, because",
        required=False,
        max_length=200,
        help_text="Filled in, no plan makes it.",
    )
    note = forms.CharField(label="Note", required=False, max_length=300)

    def __init__(
        self, *args: Any, windows: list[MaintenanceWindow], **kwargs: Any
    ) -> None:
        """Offer the windows of the plant."""
        super().__init__(*args, **kwargs)
        choices = [(str(row.pk), _window(row)) for row in windows]
        self.fields["only_in"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        if not choices:
            del self.fields["only_in"]

    def clean_downtime(self) -> dict[str, float] | None:
        """Return the hours by the name of the line; None: as the table."""
        text = self.cleaned_data["downtime"].strip()
        if not text:
            return None
        if text.casefold() == NO_LINE:
            return {}
        found: dict[str, float] = {}
        rows = [row.strip() for row in text.splitlines() if row.strip()]
        if len(rows) > MOST_LINES:
            raise forms.ValidationError(f"At most {MOST_LINES} lines.")
        for row in rows:
            name, colon, hours = (part.strip() for part in row.rpartition(":"))
            if not (colon and name and HOURS.fullmatch(hours)):
                raise forms.ValidationError(
                    f"“{row[:120]}” is not a line and its hours, such as "
                    "Pasteuriser 2: 4."
                )
            if name in found:
                raise forms.ValidationError(f"{name[:120]} is there twice.")
            found[name] = float(hours)
        return found

    def text(self) -> CostText:
        """Return what was said."""
        data = self.cleaned_data
        return CostText(
            hours=data["hours"],
            downtime=data["downtime"],
            leaves=data["leaves"],
            needs=tuple(data["needs"].splitlines()),
            only_in=tuple(uuid.UUID(each) for each in data.get("only_in", ())),
            cannot=data["cannot"],
            note=data["note"],
        )

    @staticmethod
    def filled(
        row: ChangeCost, *, lines: dict[str, str], labels: dict[str, str]
    ) -> dict[str, Any]:
        """Return what a form about this row begins with; names are by id."""
        stops = row.downtime
        said = [
            f"{lines[each]}: {hours:g}"
            for each, hours in (stops or {}).items()
            if each in lines
        ]
        return {
            "hours": row.hours,
            "leaves": None if row.keep is None else round(HUNDRED * row.keep, 6),
            "downtime": "" if stops is None else "\n".join(said) or NO_LINE,
            "needs": "\n".join(labels.get(each, each) for each in row.needs),
            "only_in": row.only_in,
            "cannot": row.cannot,
            "note": row.note,
        }


def _window(row: MaintenanceWindow) -> str:
    zone = ZoneInfo(zone_of(row.site))
    begins, ends = (each.astimezone(zone) for each in (row.begins_at, row.ends_at))
    return (
        f"{row.place}, {date_format(begins, 'j F, H:i')} to "
        f"{date_format(ends, 'j F, H:i')}"
    )
