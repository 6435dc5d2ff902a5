"""Addresses of tenants: people, keys and ledger of a workspace, and a provider's own."""

from django.urls import URLPattern, URLResolver, include, path

from tenants.views import (
    brand,
    closures,
    files,
    groups,
    join,
    join_provider,
    ledger,
    provider,
    provider_record,
    sharing,
    sign_on,
    sso,
    sso_link,
    sso_saml,
    staff,
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
    path("group/", sharing.group_of, name="sharing"),
    path("group/share/", sharing.share, name="share-with-group"),
    path("group/withdraw/", sharing.unshare, name="unshare-with-group"),
    path("sign-in/", include(sign_on_urls)),
]

colleague, post = "<uuid:staff_id>/", "invitations/<uuid:invitation_id>/"
staff_urls = [  # /p/<provider>/people/
    path("", staff.staff, name="staff"),
    path("invite/", staff.invite_colleague, name="invite-colleague"),
    path("second-factor/", staff.staff_second_factor, name="staff-second-factor"),
    path(f"{post}send/", staff.send_post, name="send-post"),
    path(f"{post}withdraw/", staff.withdraw_post, name="withdraw-post"),
    path(f"{colleague}change/", staff.change_colleague, name="change-colleague"),
    path(f"{colleague}remove/", staff.remove_colleague, name="remove-colleague"),
]
one_group, seat = "<uuid:group_id>/", "invitations/<uuid:invitation_id>/"
group_urls = [  # /p/<provider>/groups/
    path("", groups.all_groups, name="groups"),
    path("new/", groups.make_group, name="make-group"),
    path("place/<uuid:workspace_id>/", groups.place_customer, name="place-customer"),
    path(f"{one_group}rename/", groups.rename_group, name="rename-group"),
    path(f"{one_group}remove/", groups.remove_group, name="remove-group"),
    path(f"{one_group}invite/", groups.invite_viewer, name="invite-viewer"),
    path(f"{seat}send/", groups.send_seat, name="send-seat"),
    path(f"{seat}withdraw/", groups.withdraw_seat, name="withdraw-seat"),
    path("seats/<uuid:seat_id>/end/", groups.end_seat, name="end-seat"),
]
provider_urls: list[URLPattern | URLResolver] = [  # /p/<provider>/
    path("", provider.customers_of, name="provider"),
    path("new/", provider.create, name="create-workspace"),
    path("open/<uuid:workspace_id>/", provider.open_own, name="open-access"),
    path("portal/<uuid:workspace_id>/", provider.portal, name="set-portal"),
    path("close/<uuid:workspace_id>/", closures.confirm, name="confirm-closure"),
    path("grant/<uuid:workspace_id>/", provider.grant, name="grant-access"),
    path("people/", include(staff_urls)),
    path("groups/", include(group_urls)),
    path("brand/", brand.brand, name="brand"),
    path("brand/set/", brand.set_brand, name="set-brand"),
    path("record/", provider_record.record, name="provider-record"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("switch/", switch.switch, name="switch"),
    path("join/<slug:workspace>/<str:token>/", join.join, name="join"),
    path(
        "join-provider/<slug:provider>/<str:token>/",
        join_provider.join_provider,
        name="join-provider",
    ),
    path("brand/<uuid:provider_id>/<slug:key>.css", brand.brand_css, name="brand-css"),
    path("brand/<uuid:provider_id>/<slug:key>.png", brand.brand_png, name="brand-png"),
    path("sso/", sso.sso, name="sso"),
    path("sso/<slug:workspace>/", include(sso_urls)),
    path("w/<slug:workspace>/", include(workspace_urls)),
    path("p/<slug:provider>/", include(provider_urls)),
]
