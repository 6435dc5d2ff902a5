"""Addresses of tenants: people, keys and ledger of a workspace, and a provider's own."""

from django.urls import URLPattern, URLResolver, include, path

from tenants.views import ledger

app_name = "tenants"

workspace_urls: list[URLPattern | URLResolver] = [  # /w/<workspace>/
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/verify/", ledger.verify, name="verify-ledger"),
]

provider_urls: list[URLPattern | URLResolver] = []  # /p/<provider>/

urlpatterns: list[URLPattern | URLResolver] = [
    path("w/<slug:workspace>/", include(workspace_urls)),
    path("p/<slug:provider>/", include(provider_urls)),
]
