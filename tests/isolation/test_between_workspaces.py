"""What leads from one workspace to another: new ones, and links of invitations."""

from django.core import mail
from django.test import Client

from tenants.models import Invitation, Membership, User, Workspace
from tenants.scope import bind_workspace, workspace_scope
from tenants.services import invitations
from tests import factories


def test_a_new_workspace_is_empty_and_its_maker_gets_in_for_a_day(
    ana: User, northmill: Workspace
) -> None:
    browser = factories.signed_in(Client(), ana)

    answer = browser.post(
        "/p/northgate/new/",
        {"name": "Westbrook Cider", "slug": "westbrook", "time_zone": "Europe/Vienna"},
    )

    assert answer["Location"] == "/w/westbrook/people/"
    made = Workspace.objects.get(slug="westbrook")
    row = Membership.objects.get(workspace=made)
    assert (row.user, row.role, row.reason) == (ana, "analyst", "Sets it up.")
    assert browser.get("/w/westbrook/people/").status_code == 200


def test_a_link_of_one_workspace_opens_no_other(
    northmill: Workspace, eastholm: Workspace, ida: User
) -> None:
    Membership.objects.filter(user=ida).update(is_admin=True)
    with workspace_scope(northmill.id):
        row = Invitation.objects.create(
            email="nora@northmill.example",
            role="portal",
            token_hash="x",
            invited_by=ida,
            vouched_by=ida,
            expires_at=northmill.created_at.replace(year=2100),
        )
    with bind_workspace(northmill.id):
        invitations.send(row.pk)
    token = mail.outbox[-1].body.split("/join/northmill/")[1].split("/")[0]

    assert Client().get(f"/join/northmill/{token}/").status_code == 200
    there = Client().get(f"/join/eastholm/{token}/")
    nowhere = Client().get(f"/join/nowhere/{token}/")

    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.content == nowhere.content


def test_a_poisoned_host_does_not_reach_the_mail(
    northmill: Workspace, ida: User
) -> None:
    """Row 21: the link is made in the background, from our own address."""
    Membership.objects.filter(user=ida).update(is_admin=True)
    browser = factories.signed_in(Client(), ida)
    browser.post(
        "/w/northmill/people/invite/",
        {"email": "nora@northmill.example", "role": "portal"},
        headers={"x-forwarded-host": "evil.example"},
    )
    with workspace_scope(northmill.id):
        row = Invitation.objects.get()
    with bind_workspace(northmill.id):
        invitations.send(row.pk)

    assert "evil.example" not in mail.outbox[-1].body
