"""The terms of an authorisation: made for a plant, changed, renewed, and consents withdrawn."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from exposure.models import Authorisation, Site, Vantage
from exposure.services.scope import check_customer, record, unsign
from tenants.access import may
from tenants.models import Membership
from tenants.rights import Right

LONGEST = dt.timedelta(days=400)
MOST_A_SECOND = 5000
OUTSIDE = "Internet"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a customer is asked to sign, besides the scope itself."""

    statement: str
    valid_from: dt.datetime
    valid_until: dt.datetime
    packets_per_second: int


@transaction.atomic
def create_authorisation(
    site_id: uuid.UUID, *, reference: str, terms: Terms, by: Membership
) -> Authorisation:
    """Make an authorisation for a plant; nothing is allowed before the customer signs.

    Raises NotAllowed, and InvalidInput with the reason in words.
    """
    _check_may(by)
    _check(terms)
    site = Site.objects.filter(pk=site_id).first()
    if site is None:
        raise InvalidInput("site", "Choose a plant.")
    try:
        with transaction.atomic():
            made = Authorisation.objects.create(
                site=site, reference=reference, **_values(terms)
            )
    except IntegrityError as error:
        raise InvalidInput(
            "reference", "There is an authorisation of this reference already."
        ) from error
    if not Vantage.objects.filter(zone=None).exists():
        Vantage.objects.get_or_create(name=OUTSIDE)  # entries name where one looks from
    record(made, "scope.created", by=by, text=f"Wrote authorisation {reference}.")
    return made


@transaction.atomic
def change_terms(
    authorisation_id: uuid.UUID, *, terms: Terms, by: Membership
) -> Authorisation:
    """Put other terms in front of the customer: a renewal is another end.

    The signature falls with the terms that it was under. Terms that are the same as
    before change nothing. Raises NotAllowed and InvalidInput.
    """
    _check_may(by)
    _check(terms)
    row = Authorisation.objects.select_for_update().get(pk=authorisation_id)
    values = _values(terms)
    if all(getattr(row, name) == value for name, value in values.items()):
        return row
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    unsign(row)
    until = timezone.localtime(terms.valid_until)
    record(
        row, "scope.terms_changed", by=by, text=f"New terms, until {until:%-d %B %Y}."
    )
    return row


@transaction.atomic
def withdraw_consent(
    authorisation_id: uuid.UUID, *, consent: str, by: Membership
) -> Authorisation:
    """Take one consent back; the rest stays signed. Raises NotAllowed."""
    row = Authorisation.objects.select_for_update().get(pk=authorisation_id)
    check_customer(row, by=by)
    if consent in row.consents:
        row.consents = [each for each in row.consents if each != consent]
        row.save(update_fields=["consents"])
        text = f"Withdrew the consent {consent}."
        record(row, "scope.consent_withdrawn", by=by, text=text)
    return row


def _check_may(by: Membership) -> None:
    if not may(by, Right.OPERATE):
        raise NotAllowed("Your role may not write authorisations.")


def _check(terms: Terms) -> None:
    if terms.valid_until <= terms.valid_from:
        raise InvalidInput("valid_until", "An authorisation ends after it starts.")
    if terms.valid_until <= timezone.now():
        raise InvalidInput("valid_until", "This day is over.")
    if terms.valid_until - terms.valid_from > LONGEST:
        raise InvalidInput(
            "valid_until", f"At most {LONGEST.days} days, then renew it."
        )
    if not 1 <= terms.packets_per_second <= MOST_A_SECOND:
        raise InvalidInput("packets_per_second", f"1 to {MOST_A_SECOND} a second.")


def _values(terms: Terms) -> dict[str, object]:
    return {
        "statement": terms.statement,
        "valid_from": terms.valid_from,
        "valid_until": terms.valid_until,
        "packets_per_second": terms.packets_per_second,
    }
