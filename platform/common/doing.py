"""What every form that only does something has in common: do it, and say how it went."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest

from common.errors import DomainError, NotAllowed


def attempt(request: HttpRequest, service: Callable[[], object], done: str) -> None:
    """Call a service; the next page says `done`, or which rule was broken.

    A row that is not there is not found, and what is not allowed is refused: both end
    the request.
    """
    try:
        service()
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if done:
            messages.success(request, done)
