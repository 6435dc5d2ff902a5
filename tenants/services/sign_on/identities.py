"""Who somebody from an identity provider is here: linked once, admitted each time.

An identity provider is its customer's. It speaks for people of this workspace and for
nobody else: not for people of other customers, and not for the provider's own people.
"""

import uuid

from allauth.mfa.utils import is_mfa_enabled
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import Conflict, DomainError, NotAllowed
from tenants.access import may
from tenants.logic.arrivals import Arrival
from tenants.models import (
    Identity,
    IdentityKind,
    IdentityProvider,
    Invitation,
    InvitationState,
    Membership,
    SecondFactor,
    Staff,
    User,
)
from tenants.rights import Right
from tenants.scope import current_workspace_id
from tenants.services import ledger
from tenants.services.sign_on.sessions import end_sessions


class NoPlace(DomainError):
    """The identity provider knows this person, and we know no place for them."""


def find(row: IdentityProvider, arrival: Arrival) -> Identity | None:
    """Return whose subject this is, if it was linked."""
    linked = Identity.objects.select_related("user")
    return linked.filter(provider=row, subject=arrival.subject).first()


def counts_as_two(row: IdentityProvider, arrival: Arrival) -> bool:
    """Whether this sign-in counts as one with a second factor."""
    if row.second_factor == SecondFactor.CLAIMED:
        return arrival.claims_second_factor
    return row.second_factor == SecondFactor.ALWAYS


def admit(identity: Identity) -> User:
    """Return the person to sign in and note it; raises NoPlace.

    The address that the provider says today is not looked at: who is linked stays who
    they are, whatever somebody else is called meanwhile.
    """
    if not _has_place(identity.user):
        raise NoPlace("You have no place here any more.")
    identity.last_used_at = timezone.now()
    identity.save(update_fields=["last_used_at"])
    return identity.user


def candidate(row: IdentityProvider, arrival: Arrival) -> User | None:
    """Return whom this may be, by the address; None if no place here has it.

    Raises NoPlace for an address that the provider has not verified. It is only a
    guess: see `needs_proof`.
    """
    if not _address_counts(row, arrival):
        raise NoPlace(
            f"{row.name} did not say that your mail address is yours. "
            "Ask the administrator of your workspace."
        )
    person = User.objects.filter(email=arrival.email).first()
    return person if person is not None and _has_place(person) else None


def needs_proof(user: User) -> bool:
    """Whether a person shows a factor of their own before they are linked.

    Not if there is none and nothing else hangs on the account: it came to be by an
    invitation of this workspace and opens nothing besides.
    """
    if user.has_usable_password() or is_mfa_enabled(user):
        return True
    elsewhere = Membership.objects.filter(user=user).exclude(
        workspace_id=current_workspace_id()
    )
    invited_here = Invitation.objects.filter(
        email=user.email, state=InvitationState.ACCEPTED
    )
    return elsewhere.exists() or not invited_here.exists()


@transaction.atomic
def link(row: IdentityProvider, *, subject: str, user: User, proof: str) -> Identity:
    """Let a subject of the identity provider be a person of this workspace.

    Raises NoPlace for somebody without one, Conflict when the subject or the person is
    linked already.
    """
    if not _has_place(user):
        raise NoPlace("You have no place here.")
    try:
        with transaction.atomic():
            made = Identity.objects.create(
                provider=row, subject=subject, user=user, email=user.email
            )
    except IntegrityError as error:
        raise Conflict(
            f"You or this account of {row.name} are linked already. "
            "An administrator can undo it."
        ) from error
    ledger.append(
        "sign_on.linked",
        about=f"person {user.pk}",
        by=user,
        text=f"{user} signs in through {row} from now on.",
        change=ledger.Change(
            after={"provider": row.issuer, "subject": subject, "proof": proof}
        ),
    )
    return made


@transaction.atomic
def unlink(identity_id: uuid.UUID, *, by: Membership) -> None:
    """Undo a link and end the sessions that came through it.

    Raises NotAllowed without the right, and Identity.DoesNotExist.
    """
    if not may(by, Right.SIGN_ON):
        raise NotAllowed("An administrator of the customer undoes links.")
    row = Identity.objects.select_related("user", "provider").get(pk=identity_id)
    ledger.append(
        "sign_on.unlinked",
        about=f"person {row.user_id}",
        by=by,
        text=f"{row.user} signs in through {row.provider} no more.",
        change=ledger.Change(
            before={"provider": row.provider.issuer, "subject": row.subject}
        ),
    )
    end_sessions(provider_id=row.provider_id, user_id=row.user_id)
    row.delete()


def forget(user_id: uuid.UUID) -> None:
    """Undo every link of somebody who has no place here any more."""
    Identity.objects.filter(user_id=user_id).delete()
    end_sessions(user_id=user_id)


def is_linked(user_id: uuid.UUID, *, provider_id: uuid.UUID) -> bool:
    """Whether a person is still linked to an identity provider of this workspace."""
    return Identity.objects.filter(user_id=user_id, provider_id=provider_id).exists()


def note_entry(row: IdentityProvider, user: User, *, again: bool) -> None:
    """Write down that somebody came in, or confirmed who they are."""
    ledger.append(
        "sign_on.confirmed" if again else "sign_on.entered",
        about=f"person {user.pk}",
        by=user,
        text=f"{user} {'confirmed who they are' if again else 'signed in'} through {row}.",
    )


def note_refusal(row: IdentityProvider, reason: str) -> None:
    """Write down that an answer of the identity provider was not believed."""
    ledger.append(
        "sign_on.refused",
        about=f"identity provider {row.pk}",
        text=f"An answer of {row} was refused: {reason}",
    )


def _address_counts(row: IdentityProvider, arrival: Arrival) -> bool:
    if not arrival.email:
        return False
    if row.kind == IdentityKind.SAML:
        return True  # SAML has no word for it; the proof is asked for all the same
    if arrival.email_is_verified is None:
        return row.vouches_for_mail
    return arrival.email_is_verified


def _has_place(user: User) -> bool:
    """Whether the person is one of the customer's, and works for no provider."""
    if Staff.objects.filter(user=user).exists():
        return False
    here = Membership.objects.current().filter(
        user=user, workspace_id=current_workspace_id()
    )
    place = here.first()
    return place is not None and not place.is_provider
