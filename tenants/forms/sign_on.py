"""Forms about identity providers; their rules live in the service."""

from typing import Any

from django import forms

from common.errors import InvalidInput
from tenants.models import IdentityKind, IdentityProvider, SecondFactor
from tenants.services.sign_on.setup import (
    MAX_CERTIFICATES,
    MAX_ID,
    MAX_NAME,
    MAX_SECRET,
    MAX_URL,
    Setup,
)


class SignOnForm(forms.Form):
    """What both kinds have in common."""

    name = forms.CharField(
        label="Name on the sign-in page",
        max_length=MAX_NAME,
        help_text="Such as your company's, or the product's.",
    )

    def setup(self) -> Setup:
        """Return the fields; call it after is_valid."""
        return Setup(**self.cleaned_data)

    def refuse(self, error: Exception) -> None:
        """Put a refusal beside the field it speaks of, else on top of the form."""
        named = error.field if isinstance(error, InvalidInput) else ""
        self.add_error(named if named in self.fields else None, str(error))


def _second_factor() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Counts as a sign-in with a second factor",
        choices=SecondFactor.choices,
        initial=SecondFactor.NEVER,
    )


def _vouches() -> forms.BooleanField:
    return forms.BooleanField(
        label="Its mail addresses are verified although it does not say so",
        required=False,
    )


class OpenIdForm(SignOnForm):
    """A new OpenID provider."""

    issuer = forms.CharField(label="Issuer, an https:// address", max_length=MAX_URL)
    client_id = forms.CharField(label="Client id", max_length=MAX_ID)
    secret = forms.CharField(
        label="Client secret",
        max_length=MAX_SECRET,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="It is sealed, and no page ever shows it again.",
    )
    second_factor = _second_factor()
    vouches_for_mail = _vouches()


class SamlForm(SignOnForm):
    """A new SAML provider."""

    issuer = forms.CharField(label="Entity id of the provider", max_length=MAX_URL)
    sso_url = forms.CharField(
        label="Sign-in address of the provider (HTTP redirect)", max_length=MAX_URL
    )
    certificates = forms.CharField(
        label="Signing certificates, PEM",
        max_length=MAX_CERTIFICATES,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    second_factor = _second_factor()


FORMS: dict[str, type[SignOnForm]] = {
    IdentityKind.OIDC: OpenIdForm,
    IdentityKind.SAML: SamlForm,
}


def changing(row: IdentityProvider, data: Any = None) -> SignOnForm:
    """Return the form that changes a provider: what people are linked to stays."""
    form = FORMS[row.kind](
        data,
        auto_id=f"id_{row.pk}_%s",
        initial={
            "name": row.name,
            "sso_url": row.sso_url,
            "certificates": row.certificates,
            "second_factor": row.second_factor,
            "vouches_for_mail": row.vouches_for_mail,
        },
    )
    for name in ("issuer", "client_id"):
        form.fields.pop(name, None)
    if "secret" in form.fields:
        form.fields["secret"].required = False
        form.fields["secret"].label = "Another client secret"
    return form
