"""The rights table of the documentation is the one that is enforced."""

from django.conf import settings

from tenants.access import may
from tenants.management.commands.rights_table import rights_table
from tenants.models import Membership, Portal, Role, Workspace
from tenants.rights import ADMIN_RIGHTS, KEPT, LOOKING, RIGHTS, Right


def test_the_page_is_printed_from_the_code() -> None:
    page = (settings.ROOT / "docs" / "rights.md").read_text(encoding="utf-8")

    assert page == rights_table(), (
        "Run: ./sightline manage rights_table > docs/rights.md"
    )


def test_every_combination_is_what_the_tables_say() -> None:
    """Role x administrator x portal x right, by the function that everybody asks."""
    for portal in Portal:
        for role in Role:
            for is_admin in (False, True):
                workspace = Workspace(portal=portal)
                row = Membership(workspace=workspace, role=role, is_admin=is_admin)
                for right in Right:
                    wanted = role in RIGHTS[right] or (
                        is_admin and right in ADMIN_RIGHTS
                    )
                    if portal != Portal.FULL and not row.is_provider:
                        kept = KEPT if is_admin else frozenset()
                        read = portal == Portal.READ
                        left = LOOKING | {Right.LEAVE} if read else frozenset()
                        wanted = wanted and right in left | kept
                    assert may(row, right) is wanted, (portal, role, is_admin, right)


def test_the_provider_never_answers_for_the_customer() -> None:
    for right in (Right.SIGN, Right.AUTHORISE, Right.CLAIM):
        assert not {Role.ANALYST, Role.MANAGER} & RIGHTS[right]
        assert right not in ADMIN_RIGHTS
