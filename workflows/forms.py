"""The forms of workflows; their rules live in the services."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from common.errors import InvalidInput
from tenants.key_scopes import KeyScope
from tenants.logic.media_types import ACCEPTED
from tenants.models import FileKind, Role, Side
from tenants.models.memberships import PROVIDER_ROLES
from tenants.services.keys import Wish
from tenants.services.people import Offer
from workflows.models import Decision, Kind
from workflows.services.decisions import MAX_DOWNTIME, MAX_LINE, ProposalContent
from workflows.services.sending import Wording
from workflows.services.signing import Seen

MOMENT = "%Y-%m-%dT%H:%M"


class Moment(forms.DateTimeInput):
    """A day and a minute, as browsers ask for them."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        """Write what is there in the format that the control reads."""
        super().__init__(format=MOMENT)


class ServiceForm(forms.Form):
    """A form whose rules live in the service; it shows what the service refused."""

    def refuse(self, error: Exception) -> None:
        """Put a refusal beside the field it speaks of, else on top of the form."""
        named = error.field if isinstance(error, InvalidInput) else ""
        self.add_error(named if named in self.fields else None, str(error))


class ProposalForm(ServiceForm):
    """What is to be done about an exposure; all of it is frozen and signed."""

    kind = forms.ChoiceField(label="What is done", choices=Kind.choices)
    action = forms.CharField(
        label="The treatment, in one sentence", widget=forms.Textarea
    )
    technical_basis = forms.CharField(label="Why this works", widget=forms.Textarea)
    safety_effect = forms.CharField(
        label="Effect on safety and health", widget=forms.Textarea
    )
    downtime_minutes = forms.IntegerField(
        label="Planned stop of production, in minutes",
        min_value=0,
        max_value=MAX_DOWNTIME,
        initial=0,
    )
    lost_meanwhile = forms.CharField(
        label="What people go without until it is done", max_length=MAX_LINE
    )
    undo = forms.CharField(label="How to take it back", max_length=MAX_LINE)
    window_start = forms.DateTimeField(
        label="The window begins",
        widget=Moment,
        required=False,
        help_text="Needed to wait for a window.",
    )
    expires_at = forms.DateTimeField(
        label="It ends",
        widget=Moment,
        required=False,
        help_text="Needed to compensate or to accept.",
    )

    @classmethod
    def after(cls, decision: Decision | None) -> "ProposalForm":
        """Return an empty form, or one that starts from an earlier version."""
        if decision is None:
            return cls()
        return cls(initial={name: getattr(decision, name) for name in cls.base_fields})

    def content(self) -> ProposalContent:
        """Return what a valid form holds."""
        return ProposalContent(**self.cleaned_data)


class ChangeForm(ProposalForm):
    """The words with which one change of a plan is proposed; the plan says the rest."""

    use_required_attribute = False  # what is not ticked need not be said

    chosen = forms.BooleanField(required=False, initial=True)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, ends: bool, label: str, **kwargs: Any) -> None:
        """Ask for an end where there must be one, and nowhere else."""
        super().__init__(*args, **kwargs)
        for name in ("kind", "downtime_minutes", "window_start"):
            del self.fields[name]
        if ends:
            self.fields["expires_at"].required = True
        else:
            del self.fields["expires_at"]
        self.fields["chosen"].label = label
        self.fields["safety_effect"].help_text = "No plan knows it, so you say it."
        self.fields["technical_basis"].help_text = "The plan adds its figures and hash."

    @property
    def words(self) -> list[forms.BoundField]:
        """The fields that mostly come filled in."""
        apart = {"chosen", "safety_effect", "seen"}
        return [self[name] for name in self.fields if name not in apart]

    @property
    def is_chosen(self) -> bool:
        """Whether the change is ticked in what was sent."""
        return self.is_bound and bool(self["chosen"].value())

    def full_clean(self) -> None:
        """Ask nothing of a change that is not ticked."""
        super().full_clean()
        if self.is_bound and not self.is_chosen:
            self.errors.clear()

    def wording(self) -> Wording:
        """Return what a valid form holds."""
        said = {"expires_at": None, **self.cleaned_data}
        del said["chosen"]
        return Wording(**{**said, "seen": said["seen"].split()})


class AnswerForm(ServiceForm):
    """One side's answer to exactly the text and the evidence that were shown."""

    evidence_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    decision_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    comment = forms.CharField(
        label="Comment, or the reason if you do not sign",
        widget=forms.Textarea,
        required=False,
    )

    @classmethod
    def to(cls, decision: Decision) -> "AnswerForm":
        """Return an empty form for what the page shows."""
        return cls(
            initial={
                "evidence_hash": decision.evidence_hash,
                "decision_hash": decision.decision_hash,
            }
        )

    def seen(self) -> Seen:
        """Return what the reader had in front of them."""
        return Seen(
            evidence_hash=self.cleaned_data["evidence_hash"],
            decision_hash=self.cleaned_data["decision_hash"],
        )


class AttachForm(ServiceForm):
    """A file for a finding; its page has other forms with fields of the same names."""

    kind = forms.ChoiceField(
        label="What it is",
        choices=[
            (FileKind.EVIDENCE.value, "Evidence: a photo, a capture, a scan"),
            (FileKind.UPLOAD.value, "A document: a letter, a plan, a quote"),
        ],
    )
    file = forms.FileField(
        label="File",
        widget=forms.FileInput(
            attrs={"accept": ",".join(f".{ending}" for ending in ACCEPTED)}
        ),
        help_text=f"Up to 25 MB: {', '.join(ACCEPTED)}.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Keep the ids of the fields apart."""
        super().__init__(*args, **kwargs)
        self.auto_id = "attach_%s"


class WebhookForm(ServiceForm):
    """A new endpoint that is told everything that happens."""

    name = forms.CharField(label="Name", max_length=120)
    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )


class OfferForm(forms.Form):
    """A place at the customer."""

    role = forms.ChoiceField(
        choices=[(r.value, r.label) for r in Role if r not in PROVIDER_ROLES],
        label="Role",
    )
    side = forms.ChoiceField(
        choices=[("", "None"), *((s.value, s.label) for s in (Side.IT, Side.OT))],
        required=False,
        label="Side, for an owner",
    )
    sites = forms.MultipleChoiceField(
        required=False,
        label="Sites; none means all",
        widget=forms.CheckboxSelectMultiple,
    )
    is_admin = forms.BooleanField(required=False, label="Administers the workspace")

    def __init__(
        self, *args: Any, sites: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        """Offer the sites of the workspace."""
        super().__init__(*args, **kwargs)
        chosen = self.fields["sites"]
        assert isinstance(chosen, forms.MultipleChoiceField)  # noqa: S101 - see above
        chosen.choices = sites

    def offer(self) -> Offer:
        """Return what was asked for."""
        values = self.cleaned_data
        return Offer(
            role=values["role"],
            side=values["side"],
            site_ids=tuple(uuid.UUID(each) for each in values["sites"]),
            is_admin=values["is_admin"],
        )


class InviteForm(OfferForm):
    """A place offered to an address."""

    email = forms.EmailField(max_length=254, label="Mail address")
    name = forms.CharField(max_length=120, required=False, label="Name")
    field_order = ("email", "name", "role", "side", "sites", "is_admin")


class KeyForm(ServiceForm):
    """A key of the API: what it may do, where, and until when."""

    field_order = ("name", "lasts", "scopes", "sites")
    LASTS: ClassVar[Mapping[str, str]] = {
        "30": "30 days",
        "90": "90 days",
        "180": "half a year",
        "365": "a year",
    }

    name = forms.CharField(label="Name, such as the program that gets it")
    scopes = forms.MultipleChoiceField(
        label="It may", widget=forms.CheckboxSelectMultiple
    )
    sites = forms.MultipleChoiceField(
        required=False,
        label="Sites; none means all that you answer for",
        widget=forms.CheckboxSelectMultiple,
    )
    lasts = forms.ChoiceField(
        label="It works for", choices=list(LASTS.items()), initial="90"
    )

    def __init__(
        self,
        *args: Any,
        scopes: Sequence[KeyScope],
        sites: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        """Offer what this person may give."""
        super().__init__(*args, **kwargs)
        offered = {
            "scopes": [
                (scope.value, f"{scope.label} ({scope.value})") for scope in scopes
            ],
            "sites": list(sites),
        }
        for name, choices in offered.items():
            chosen = self.fields[name]
            assert isinstance(chosen, forms.MultipleChoiceField)  # noqa: S101 - see above
            chosen.choices = choices

    def wish(self) -> Wish:
        """Return what was asked for."""
        values = self.cleaned_data
        days = dt.timedelta(days=int(values["lasts"]))
        return Wish(
            name=values["name"],
            scopes=values["scopes"],
            site_ids=[uuid.UUID(each) for each in values["sites"]],
            expires_at=timezone.now() + days,
        )
