"""Addresses of signing in: what people use, and nothing else of the libraries."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import include, path

from tenants.views.sign_in import Sessions, end_session

password_urls = [
    path("change/", account.password_change, name="account_change_password"),
    path("reset/", account.password_reset, name="account_reset_password"),
    path(
        "reset/sent/", account.password_reset_done, name="account_reset_password_done"
    ),
    path(
        "reset/<slug:uidb36>/<slug:key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "reset/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
passkey_urls = [
    path("", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path(
        "confirm/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"
    ),
    path("sign-in/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("<int:pk>/edit/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
]
code_urls = [
    path("", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "new/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "file/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]
urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", include(password_urls)),
    path("factors/", factors.index, name="mfa_index"),
    path("second-factor/", factors.authenticate, name="mfa_authenticate"),
    path("confirm/code/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("app/on/", totp.activate_totp, name="mfa_activate_totp"),
    path("app/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("recovery-codes/", include(code_urls)),
    path("passkeys/", include(passkey_urls)),
    path("sessions/", Sessions.as_view(), name="usersessions_list"),
    path("sessions/<int:pk>/end/", end_session, name="usersessions_end"),
]
