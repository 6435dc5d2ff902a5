"""Addresses of tenants: people, keys and ledger of a workspace, and a provider's own."""

from django.urls import URLPattern, URLResolver, include, path

from tenants.views import (
    files,
    join,
    ledger,
    provider,
    sign_on,
    sso,
    sso_link,
    sso_saml,
    switch,
)

app_name = "tenants"

identity_provider = "<uuid:identity_provider>/"
sign_on_urls = [  # /w/<workspace>/sign-in/
    path("", sign_on.sign_on, name="sign-on"),
    path("require/", sign_on.require, name="require-sign-on"),
    path("people/<uuid:identity>/unlink/", sign_on.unlink, name="unlink"),
    path("openid/", sign_on.add, {"kind": "oidc"}, name="add-openid"),
    path("saml/", sign_on.add, {"kind": "saml"}, name="add-saml"),
    path(
        f"{identity_provider}change/", sign_on.change, name="change-identity-provider"
    ),
    path(
        f"{identity_provider}remove/", sign_on.remove, name="remove-identity-provider"
    ),
]
sso_urls = [  # /sso/<workspace>/
    path("", sso.door, name="sso-door"),
    path("link/", sso_link.link, name="sso-link"),
    path(f"{identity_provider}start/", sso.start, name="sso-start"),
    path(f"{identity_provider}callback/", sso.callback, name="sso-callback"),
    path(f"{identity_provider}acs/", sso_saml.acs, name="sso-acs"),
    path(f"{identity_provider}finish/", sso_saml.finish, name="sso-finish"),
    path(f"{identity_provider}metadata/", sso_saml.metadata, name="sso-metadata"),
]

workspace_urls: list[URLPattern | URLResolver] = [  # /w/<workspace>/
    path("files/<uuid:file_id>/", files.file, name="file"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/verify/", ledger.verify, name="verify-ledger"),
    path("sign-in/", include(sign_on_urls)),
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
    path("sso/", sso.sso, name="sso"),
    path("sso/<slug:workspace>/", include(sso_urls)),
    path("w/<slug:workspace>/", include(workspace_urls)),
    path("p/<slug:provider>/", include(provider_urls)),
]
