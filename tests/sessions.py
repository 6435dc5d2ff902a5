"""Sessions of people who have signed in, without signing in each time."""

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from tenants.models import User
from tenants.sessions import BEGAN, SEEN


def session_of(user: User) -> str:
    """Store a session as it is after signing in and the first page; return its key."""
    now = time.time()
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            AUTHENTICATION_METHODS_SESSION_KEY: [{"method": "password", "at": now}],
            "account_authentication_methods_user": user_id_to_str(user),
            BEGAN: int(now),
            SEEN: int(now),
        }
    )
    session.save()
    return str(session.session_key)
