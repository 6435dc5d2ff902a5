"""Sessions end: half an hour after the last page, twelve hours after signing in."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase

SEEN, BEGAN = "seen_at", "began_at"
NOTED_EVERY = 60  # seconds: not every page writes to the database


class SessionEndsMiddleware:
    """Signs people out whose session is over, before any page is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """End or note the session, then pass on."""
        if request.user.is_authenticated:
            now = int(time.time())
            session = request.session
            began = session.setdefault(BEGAN, now)
            seen = session.get(SEEN, now)
            idle = now - seen >= settings.SESSION_IDLE_SECONDS
            if idle or now - began >= settings.SESSION_COOKIE_AGE:
                logout(request)
            elif SEEN not in session or now - seen >= NOTED_EVERY:
                session[SEEN] = now
        return self.get_response(request)
