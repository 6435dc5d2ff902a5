"""Addresses of the API that tenants answers."""

from django.urls import URLPattern, URLResolver, include, path

from tenants.api import views
from tenants.api.schema import openapi

app_name = "tenants-api"
workspace_urls: list[URLPattern | URLResolver] = [
    path("key/", views.KeyEndpoint.as_view(), name="key"),
    path("ledger/", views.LedgerEndpoint.as_view(), name="ledger"),
    path("ledger/checkpoint/", views.CheckpointEndpoint.as_view(), name="checkpoint"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("openapi.json", openapi, name="openapi"),
    path("w/<slug:workspace>/", include(workspace_urls)),
]
