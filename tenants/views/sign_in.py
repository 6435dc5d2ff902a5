"""Ending one of the own sessions; everything else of signing in is the library's."""

from typing import Any

from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from tenants.services.sign_on.sessions import of_the_same_door, only


class Sessions(ListUserSessionsView):  # type: ignore[misc]  # the library has no types
    """The own sessions; one that a company has opened sees and ends those of its door."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Leave out what came in by other doors."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        here = UserSession.objects.filter(**of_the_same_door(self.request))
        seen = set(here.values_list("pk", flat=True))
        rows = [row for row in context["sessions"] if row.pk in seen]
        bound = only(self.request) is not None
        return {
            **context,
            "sessions": rows,
            "session_count": len(rows),
            "bound": bound,
        }

    def form_valid(self, form: Any) -> Any:
        """End all others, unless a company has opened this one: it ends them singly."""
        if only(self.request) is not None:
            raise PermissionDenied("End them one by one.")
        return super().form_valid(form)


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one session of the person who asks; the sessions of others are not found."""
    rows = UserSession.objects.filter(**of_the_same_door(request))
    session = get_object_or_404(rows, pk=pk, user=request.user)
    end_sessions(request, [session])
    if not request.user.is_authenticated:  # it was this one
        return redirect("account_login")
    messages.success(request, "That session has ended.")
    return redirect("usersessions_list")
