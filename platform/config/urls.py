from allauth.account import views as account
from django.urls import include, path

# Only what sign-in by password needs; people are invited, nobody signs up.
account_urls = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
]
urlpatterns = [
    path("accounts/", include(account_urls)),
    path("", include("tenants.urls")),
    path("", include("workflows.urls")),
    path("w/<slug:workspace>/", include("exposure.urls")),
]
handler500 = "common.faults.server_error"
