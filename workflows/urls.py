from django.urls import URLPattern, URLResolver, include, path

from workflows.views import (
    attachments,
    customer_sites,
    customers,
    data,
    exposures,
    findings,
    group,
    having,
    home,
    invitations,
    keys,
    ledger_export,
    members,
    notifications,
    plan_sign_off,
    today,
)

app_name = "workflows"
decision = "decisions/<uuid:decision_id>/"
finding_urls = [
    path("", findings.finding, name="finding"),
    path("propose/", findings.propose, name="propose"),
    path("retest/", findings.retest, name="retest"),
    path("files/", attachments.attach_file, name="attach-file"),
    path("files/<uuid:file_id>/remove/", attachments.remove_file, name="remove-file"),
    path(f"{decision}answer/", findings.answer, name="answer"),
    path(f"{decision}withdraw/", findings.withdraw, name="withdraw"),
    path(f"{decision}claim/", findings.claim, name="claim"),
]
channel = "<uuid:channel_id>/"
notification_urls = [
    path("", notifications.notifications, name="notifications"),
    path("webhooks/", notifications.add_webhook, name="add_webhook"),
    path(f"{channel}test/", notifications.test_channel, name="test_channel"),
    path(f"{channel}disable/", notifications.disable_channel, name="disable_channel"),
    path(f"{channel}enable/", notifications.enable_channel, name="enable_channel"),
]
person, invitation = "<uuid:person_id>/", "invitations/<uuid:invitation_id>/"
member_urls = [
    path("", members.members, name="members"),
    path("invite/", invitations.invite, name="invite"),
    path(f"{invitation}confirm/", invitations.confirm, name="confirm-invitation"),
    path(f"{invitation}withdraw/", invitations.withdraw, name="withdraw-invitation"),
    path(f"{person}change/", members.change, name="change-member"),
    path(f"{person}remove/", members.remove, name="remove-member"),
    path(f"{person}end/", members.end_access, name="end-access"),
    path(f"{person}look/", members.look, name="look"),
    path("look/stop/", members.stop_looking, name="stop-looking"),
    path("second-factor/", members.second_factor, name="second-factor"),
    path("leave/", members.leave, name="leave"),
]
key_urls = [
    path("", keys.keys, name="keys"),
    path("make/", keys.make, name="make-key"),
    path("<uuid:key_id>/revoke/", keys.revoke, name="revoke-key"),
]
data_urls = [
    path("", data.data, name="data"),
    path("export/", data.ask_for_export, name="ask-for-export"),
    path("download/", data.download, name="download-export"),
    path("retention/", data.keep_for, name="keep-for"),
    path("hold/", data.hold, name="hold"),
    path("lift/", data.lift, name="lift-hold"),
    path("erase/", data.erase, name="erase-person"),
    path("close/", data.close, name="close-workspace"),
    path("call-off/", data.call_off, name="call-off"),
]
plan_urls = [
    path("", plan_sign_off.plan_sign_off, name="plan-sign-off"),
    path("pairs/", plan_sign_off.plan_pairs, name="plan-pairs"),
    path("send/", plan_sign_off.send_plan, name="send-plan"),
]
workspace_urls: list[URLPattern | URLResolver] = [
    path("", today.today, name="today"),
    path("exposures/", exposures.exposures, name="exposures"),
    path("exposures/<str:ref>/", include(finding_urls)),
    path("plans/<uuid:plan>/sign-off/", include(plan_urls)),
    path("notifications/", include(notification_urls)),
    path("people/", include(member_urls)),
    path("keys/", include(key_urls)),
    path("data/", include(data_urls)),
    path("ledger/export/", ledger_export.ledger_export, name="ledger-export"),
]
urlpatterns = [
    path("", home.home, name="home"),
    path("customers/", customers.customers, name="customers"),
    path("g/<slug:group>/", group.group, name="group"),
    path("customers/sites/", customer_sites.sites, name="sites"),
    path("customers/having/", having.having, name="having"),
    path("w/<slug:workspace>/", include(workspace_urls)),
]
