"""The forms of credentials and vendor accesses. None of them asks for a secret."""

import uuid
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from exposure.logic.secrecy import has_secret_field
from exposure.models import (
    Basis,
    Credential,
    Opened,
    PlaceUse,
    Site,
    VendorAccess,
    Zone,
)
from exposure.services.credentials import CredentialText
from exposure.services.vendors import VendorText

LONGEST_LIST = 60_000
HIGHEST_PORT = 65_535


class _NamesOnly(forms.Form):
    """A form about a plant that takes names, and refuses to be sent a password."""

    site = forms.ChoiceField(label="Plant")
    basis = forms.ChoiceField(
        label="How we know", choices=Basis.choices, initial=Basis.ASSUMED
    )
    source = forms.CharField(
        label="Who says so, and when",
        max_length=200,
        help_text="For example: Otto Brandt, walk through the cells on 12 November.",
    )

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        """Offer the plants; where there is one only, nobody has to choose."""
        super().__init__(*args, **kwargs)
        field = self.fields["site"]
        field.choices = [(str(row.pk), row.name) for row in sites]  # type: ignore[attr-defined]  # a ChoiceField
        if len(sites) == 1:
            field.widget = forms.HiddenInput()
            field.initial = str(sites[0].pk)

    def clean(self) -> dict[str, Any]:
        """Refuse a request that carries something called a password."""
        if has_secret_field(self.data):
            raise forms.ValidationError(
                "A secret was sent along. Sightline keeps none: it was thrown away. "
                "Write what the credential is called."
            )
        return self.cleaned_data

    def site_id(self) -> uuid.UUID:
        """Return the plant that was chosen."""
        return uuid.UUID(self.cleaned_data["site"])


def _names(label: str, *, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST_LIST,
        widget=forms.Textarea(),
        help_text=help_text,
    )


def _by_plant(zones: list[Zone]) -> list[tuple[str, str]]:
    return [(str(row.pk), f"{row.name}, level {row.level:g}") for row in zones]


class CredentialForm(_NamesOnly):
    """A credential by what it is called."""

    name = forms.CharField(
        label="What it is called",
        max_length=120,
        help_text="For example: local admin of the cells. Never the password itself.",
    )
    shared = forms.BooleanField(
        label="The same password on all of them",
        required=False,
        help_text="Not ticked: the sign-in of one person.",
    )
    held_on = _names(
        "Held on", help_text="Assets on which it is used or kept, one a line."
    )
    stored = forms.BooleanField(
        label="Kept there: in a file, a browser or a script",
        required=False,
        help_text="Then running code there is enough to have it.",
    )
    opens = _names("Opens", help_text="Assets it signs in to, one a line.")
    opens_zones = forms.MultipleChoiceField(
        label="Opens every login service in",
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    mfa = forms.BooleanField(
        label="A second factor is asked for wherever it is used", required=False
    )
    field_order = (
        "site",
        "name",
        "shared",
        "held_on",
        "stored",
        "opens",
        "opens_zones",
        "mfa",
        "basis",
        "source",
    )

    def __init__(self, *args: Any, zones: list[Zone], **kwargs: Any) -> None:
        """Offer the zones."""
        super().__init__(*args, **kwargs)
        self.fields["opens_zones"].choices = _by_plant(zones)  # type: ignore[attr-defined]  # a ChoiceField

    def text(self) -> CredentialText:
        """Return what was said."""
        data = self.cleaned_data
        return CredentialText(
            name=data["name"],
            basis=data["basis"],
            source=data["source"],
            held_on=tuple(data["held_on"].splitlines()),
            opens=tuple(data["opens"].splitlines()),
            opens_zones=tuple(uuid.UUID(each) for each in data["opens_zones"]),
            shared=data["shared"],
            stored=data["stored"],
            mfa=data["mfa"],
        )

    @staticmethod
    def filled(row: Credential) -> dict[str, Any]:
        """Return what a form about this credential begins with."""
        places = list(row.places.select_related("asset"))
        opened = [each for each in places if each.use == PlaceUse.OPENS]
        return {
            "site": str(row.site_id),
            "name": row.name,
            "shared": row.shared,
            "stored": row.stored,
            "mfa": row.mfa,
            "basis": row.basis,
            "source": row.source,
            "held_on": _lines(each for each in places if each.use == PlaceUse.HELD),
            "opens": _lines(opened),
            "opens_zones": [str(each.zone_id) for each in opened if each.zone_id],
        }


def _lines(places: Any) -> str:
    return "\n".join(sorted(each.asset.name for each in places if each.asset))


class VendorForm(_NamesOnly):
    """A vendor's remote access."""

    vendor = forms.CharField(label="Vendor", max_length=120)
    entry = forms.CharField(
        label="Comes in through",
        required=False,
        max_length=120,
        help_text="The asset that it signs in to from outside, such as a VPN gateway.",
    )
    entry_port = forms.IntegerField(
        label="On its port",
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(HIGHEST_PORT)],
        help_text="Empty: any of its services.",
    )
    to_zone = forms.ChoiceField(label="Leads to the zone", required=False)
    to_asset = forms.CharField(
        label="Or to the one asset", required=False, max_length=120
    )
    ports = forms.CharField(
        label="Ports",
        required=False,
        max_length=300,
        help_text="For example 102, 3389. Empty: all.",
    )
    conduit = forms.CharField(
        label="Over the conduit",
        required=False,
        max_length=120,
        help_text="Its name under zones and assets. Empty: a way of its own.",
    )
    opened = forms.ChoiceField(label="Open", choices=Opened.choices)
    until = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Empty: no end is agreed.",
    )
    mfa = forms.BooleanField(
        label="A second factor is asked for at its entry", required=False
    )
    field_order = (
        "site",
        "vendor",
        "entry",
        "entry_port",
        "to_zone",
        "to_asset",
        "ports",
        "conduit",
        "opened",
        "until",
        "mfa",
        "basis",
        "source",
    )

    def __init__(self, *args: Any, zones: list[Zone], **kwargs: Any) -> None:
        """Offer the zones."""
        super().__init__(*args, **kwargs)
        field = self.fields["to_zone"]
        field.choices = [("", "No zone"), *_by_plant(zones)]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_ports(self) -> tuple[int, ...]:
        """Return the ports as numbers."""
        words = self.cleaned_data["ports"].replace(",", " ").split()
        if not all(word.isascii() and word.isdecimal() for word in words):
            raise forms.ValidationError("Write ports as numbers, such as 102, 3389.")
        return tuple(int(word) for word in words)

    def text(self) -> VendorText:
        """Return what was said."""
        data = {name: self.cleaned_data[name] for name in self.fields if name != "site"}
        zone = data.pop("to_zone")
        return VendorText(to_zone=uuid.UUID(zone) if zone else None, **data)

    @staticmethod
    def filled(row: VendorAccess) -> dict[str, Any]:
        """Return what a form about this access begins with."""
        return {
            "site": str(row.site_id),
            "vendor": row.vendor,
            "entry": row.entry.name if row.entry else "",
            "entry_port": row.entry_port,
            "to_zone": str(row.to_zone_id or ""),
            "to_asset": row.to_asset.name if row.to_asset else "",
            "ports": ", ".join(str(port) for port in row.ports),
            "conduit": row.conduit.name if row.conduit else "",
            "opened": row.opened,
            "until": row.until,
            "mfa": row.mfa,
            "basis": row.basis,
            "source": row.source,
        }
