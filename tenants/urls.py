"""Addresses of tenants: people, keys and ledger of a workspace, and a provider's own."""

from django.urls import URLPattern, URLResolver, include, path

from tenants.views import files, join, ledger, provider, switch

app_name = "tenants"

workspace_urls: list[URLPattern | URLResolver] = [  # /w/<workspace>/
    path("files/<uuid:file_id>/", files.file, name="file"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/verify/", ledger.verify, name="verify-ledger"),
]

provider_urls: list[URLPattern | URLResolver] = [  # /p/<provider>/
    path("", provider.customers_of, name="provider"),
    path("new/", provider.create, name="create-workspace"),
    path("open/<uuid:workspace_id>/", provider.open_own, name="open-access"),
    path("portal/<uuid:workspace_id>/", provider.portal, name="set-portal"),
    path("grant/<uuid:workspace_id>/", provider.grant, name="grant-access"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("switch/", switch.switch, name="switch"),
    path("join/<slug:workspace>/<str:token>/", join.join, name="join"),
    path("w/<slug:workspace>/", include(workspace_urls)),
    path("p/<slug:provider>/", include(provider_urls)),
]
