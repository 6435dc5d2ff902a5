"""A form and the service behind it: what is refused comes back to the field it is about."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.shortcuts import get_object_or_404

from common.errors import DomainError, InvalidInput, NotAllowed
from exposure.models import Authorisation

REFUSED = 422


def submit(form: Form, service: Callable[[dict[str, Any]], object]) -> bool:
    """Call a service with what a form holds; say whether it was done.

    A broken rule becomes an error of the form. What is not allowed ends the request.
    """
    if not form.is_valid():
        return False
    try:
        service(form.cleaned_data)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except InvalidInput as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except DomainError as error:
        form.add_error(None, str(error))
    return form.is_valid()


def authorisation_or_404(pk: uuid.UUID) -> Authorisation:
    """Return an authorisation of the reader's sites with its plant and signer."""
    rows = Authorisation.objects.select_related("site", "signed_by")
    return get_object_or_404(rows, pk=pk)


def chosen(value: str) -> uuid.UUID | None:
    """Return the id that somebody chose in a list; None for no choice."""
    return uuid.UUID(value) if value else None
