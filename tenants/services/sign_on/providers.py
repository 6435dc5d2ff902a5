"""Identity providers of a workspace: set up, changed, removed and required."""

import uuid
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from common.errors import Conflict, InvalidInput, NotAllowed
from common.outgoing import OutgoingClient
from tenants.models import (
    Identity,
    IdentityKind,
    IdentityProvider,
    Membership,
    Workspace,
)
from tenants.rights import Right
from tenants.services import ledger
from tenants.services.people import standing
from tenants.services.secrets import open_secret, seal_secret
from tenants.services.sign_on.sessions import end_sessions
from tenants.services.sign_on.setup import Setup, clean, fingerprints

SECONDS, LARGEST = 8.0, 256 * 1024


def client() -> OutgoingClient:
    """Return the client for addresses of identity providers."""
    return OutgoingClient(
        private=settings.SIGN_ON_ALLOWED_PRIVATE_RANGES, total=SECONDS, largest=LARGEST
    )


def configured() -> list[IdentityProvider]:
    """Return the identity providers of the current workspace, by name."""
    return list(IdentityProvider.objects.order_by("name", "pk"))


@transaction.atomic
def add(kind: str, setup: Setup, *, by: Membership) -> IdentityProvider:
    """Set up an identity provider; its secret is sealed and never shown again.

    Raises NotAllowed without the right, InvalidInput for a field, Conflict for one that
    is set up already.
    """
    by = standing(by, Right.SIGN_ON)
    if kind not in IdentityKind.values:
        raise InvalidInput("kind", "Choose OpenID Connect or SAML.")
    setup = clean(kind, setup, client=client())
    if kind == IdentityKind.OIDC and not setup.secret:
        raise InvalidInput("secret", "Type the client secret.")
    row = IdentityProvider(kind=kind, issuer=setup.issuer, client_id=setup.client_id)
    _fill(row, setup)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict("This identity provider is set up already.") from error
    _record("sign_on.added", row, by=by, verb="set up")
    return row


@transaction.atomic
def change(provider_id: uuid.UUID, setup: Setup, *, by: Membership) -> IdentityProvider:
    """Change what may change: not issuer and client. An empty secret stays as it is.

    Raises as `add`, and IdentityProvider.DoesNotExist.
    """
    by = standing(by, Right.SIGN_ON)
    row = IdentityProvider.objects.select_for_update().get(pk=provider_id)
    before = shown(row)
    typed = replace(setup, issuer=row.issuer, client_id=row.client_id)
    _fill(row, clean(row.kind, typed, client=client()))
    row.save()
    _record("sign_on.changed", row, by=by, verb="changed", before=before)
    return row


@transaction.atomic
def remove(provider_id: uuid.UUID, *, by: Membership) -> None:
    """Remove an identity provider and end the sessions that came through it.

    With the last one the workspace no longer asks for it.
    """
    by = standing(by, Right.SIGN_ON)
    row = IdentityProvider.objects.select_for_update().get(pk=provider_id)
    _record("sign_on.removed", row, by=by, verb="removed", before=shown(row), gone=True)
    end_sessions(provider_id=row.pk)
    row.delete()
    place = Workspace.objects.select_for_update().get(pk=by.workspace_id)
    if place.sign_on_required and not IdentityProvider.objects.exists():
        _set_required(place, by=by, required=False)


@transaction.atomic
def require(*, required: bool, by: Membership, proven: bool) -> None:
    """Let the customer's own people in through their identity provider only, or not.

    `proven`: this administrator came through it in this session. So nobody can ask for
    a way in that does not work.
    """
    by = standing(by, Right.SIGN_ON)
    place = Workspace.objects.select_for_update().get(pk=by.workspace_id)
    if required and not (
        proven and Identity.objects.filter(user_id=by.user_id).exists()
    ):
        raise NotAllowed(
            "Sign in through the company yourself first. "
            "Then you know that it works, and nobody is locked out."
        )
    if place.sign_on_required != required:
        _set_required(place, by=by, required=required)


def reseal() -> int:
    """Seal every client secret with the data key in use; return how many there were."""
    rows = [row for row in IdentityProvider.objects.all() if row.sealed_secret]
    for row in rows:
        row.sealed_secret = seal_secret(
            open_secret(bytes(row.sealed_secret), context=_place(row)),
            context=_place(row),
        )
        row.save(update_fields=["sealed_secret"])
    return len(rows)


def secret_of(row: IdentityProvider) -> str:
    """Return the client secret, for the token endpoint alone; SAML has none."""
    if not row.sealed_secret:
        return ""
    return open_secret(bytes(row.sealed_secret), context=_place(row)).decode()


def shown(row: IdentityProvider) -> dict[str, Any]:
    """Return an identity provider as the ledger keeps it: without its secret."""
    return {
        "kind": row.kind,
        "name": row.name,
        "issuer": row.issuer,
        "client": row.client_id,
        "address": row.sso_url,
        "certificates": fingerprints(row.certificates),
        "second_factor": row.second_factor,
        "vouches_for_mail": row.vouches_for_mail,
    }


def _fill(row: IdentityProvider, setup: Setup) -> None:
    row.name, row.second_factor = setup.name, setup.second_factor
    row.sso_url, row.certificates = setup.sso_url, setup.certificates
    row.vouches_for_mail = setup.vouches_for_mail
    if setup.secret:
        row.sealed_secret = seal_secret(setup.secret.encode(), context=_place(row))


def _place(row: IdentityProvider) -> str:
    return f"identity-provider:{row.pk}/secret"


def _set_required(place: Workspace, *, by: Membership, required: bool) -> None:
    before, place.sign_on_required = place.sign_on_required, required
    place.save(update_fields=["sign_on_required"])
    said = "only through the company" if required else "with a password as well"
    ledger.append(
        "sign_on.required" if required else "sign_on.not_required",
        about="workspace",
        by=by,
        text=f"{by.user} lets people sign in {said}.",
        change=ledger.Change(before={"required": before}, after={"required": required}),
    )


def _record(
    action: str,
    row: IdentityProvider,
    *,
    by: Membership,
    verb: str,
    before: dict[str, Any] | None = None,
    gone: bool = False,
) -> None:
    ledger.append(
        action,
        about=f"identity provider {row.pk}",
        by=by,
        text=f"{by.user} {verb} the identity provider {row}.",
        change=ledger.Change(before=before, after=None if gone else shown(row)),
    )
