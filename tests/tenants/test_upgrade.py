"""Upgrading keeps data: open-ended access gets an end, and every step leads back."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from tests.template import migrate, owner_url
from tests.tenants.sent_before import SENT, sent_before


@dataclass(frozen=True)
class Copy:
    """A database of its own, at some version."""

    url: str

    def migrate(self, *target: str) -> None:
        """Bring it to a version, with the command that an operator uses."""
        migrate(self.url, *target)

    def ask(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Run one statement as the owner."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def copy() -> Iterator[Copy]:
    """An empty database beside the one of the tests."""
    name = f"upgrade_{uuid.uuid4().hex}"
    made = sql.Identifier(name)
    with psycopg.connect(owner_url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(made))
        yield Copy(owner_url(name))
        connection.execute(sql.SQL("DROP DATABASE {}").format(made))


def test_all_that_was_there_comes_along_and_every_step_leads_back(copy: Copy) -> None:
    copy.migrate("tenants", "0003")
    westfall, analyst = _open_ended_access(copy)
    copy.migrate("tenants", "0007")
    copy.migrate("exposure", "0001")
    copy.migrate("workflows", "0002")
    here, other = uuid.uuid4(), uuid.uuid4()
    for workspace, slug in ((here, "northmill"), (other, "eastholm")):
        _plant_of_before(copy, workspace, slug)
    ida = _invitations_of_before(copy, here)
    sent = sent_before(copy.ask, here)

    copy.migrate()

    # Access without an end gets one, and somebody leads the provider.
    assert copy.ask(
        "SELECT role, expires_at > now() + interval '89 days', reason <> '' "
        "FROM tenants_membership WHERE workspace_id = %s ORDER BY role",
        westfall,
    ) == [("analyst", True, True), ("owner", None, False)]
    assert copy.ask("SELECT role FROM tenants_staff WHERE user_id = %s", analyst) == [
        ("admin",)
    ]
    # What was sent is in the probe ledger, and invitations rest on somebody's word.
    assert copy.ask(SENT) == sent
    assert copy.ask("SELECT count(*) FROM exposure_probebatch") == [(4,)]
    assert copy.ask(
        "SELECT state, from_provider, vouched_by_id FROM tenants_invitation ORDER BY email"
    ) == [("held", True, None), ("sent", False, ida)]
    # Lists are sorted and counted by figures that were not there.
    assert copy.ask(
        "SELECT number, urgency, in_hand FROM exposure_finding "
        "WHERE workspace_id = %s ORDER BY number",
        here,
    ) == [(1, 4, True), (2, 1, False), (3, 0, False)]
    assert copy.ask(
        "SELECT workspace_id, sum(number) FROM exposure_tally "
        "WHERE state = 'open' AND urgency = 4 AND in_hand GROUP BY 1 ORDER BY 1"
    ) == [(each, 1) for each in sorted((here, other))]
    assert copy.ask("SELECT task, count(*) FROM tenants_job GROUP BY 1") == [
        ("exposure.rebuild_paths", 2)
    ]

    copy.migrate("workflows", "0002")
    copy.migrate("exposure", "0001")
    assert copy.ask("SELECT count(*) FROM exposure_finding") == [(6,)]
    assert copy.ask("SELECT count(*) FROM pg_proc WHERE proname ~ '^exposure_'") == [
        (0,)
    ]
    assert copy.ask(SENT.replace("transport", "'tcp'")) == sent
    members = copy.ask("SELECT count(*) FROM tenants_membership")
    copy.migrate("tenants", "0003")
    assert copy.ask("SELECT count(*) FROM tenants_membership") == members
    copy.migrate()
    assert copy.ask(SENT) == sent


def _open_ended_access(copy: Copy) -> tuple[uuid.UUID, uuid.UUID]:
    """Make a customer with an analyst and an owner; return it and the analyst."""
    provider, workspace, *people = (uuid.uuid4() for _ in range(4))
    copy.ask(
        "INSERT INTO tenants_provider (id, slug, name, created_at) "
        "VALUES (%s, 'northgate', 'Northgate', now())",
        provider,
    )
    copy.ask(
        "INSERT INTO tenants_workspace (id, provider_id, slug, name, time_zone, created_at) "
        "VALUES (%s, %s, 'westfall', 'Westfall', 'UTC', now())",
        workspace,
        provider,
    )
    for user, role, side in zip(people, ("analyst", "owner"), ("", "ot"), strict=True):
        copy.ask(
            "INSERT INTO tenants_user (id, password, email, name, is_active, created_at) "
            "VALUES (%s, '', %s, %s, true, now())",
            user,
            f"{role}@westfall.example",
            role,
        )
        copy.ask(
            "INSERT INTO tenants_membership "
            "(id, user_id, workspace_id, role, side, site_ids, created_at) "
            "VALUES (gen_random_uuid(), %s, %s, %s, %s, '{}', now())",
            user,
            workspace,
            role,
            side,
        )
    return workspace, people[0]


def _plant_of_before(copy: Copy, workspace: uuid.UUID, slug: str) -> None:
    """Make a customer with three findings: agreed, routed and new; and one revision."""
    ids = {name: uuid.uuid4() for name in ("provider", "user", "service", "decision")}
    copy.ask(
        "INSERT INTO tenants_provider (id, slug, name, created_at) "
        "VALUES (%s, %s, 'Northgate', now())",
        ids["provider"],
        f"p-{slug}",
    )
    copy.ask(
        "INSERT INTO tenants_workspace (id, provider_id, slug, name, time_zone, portal, "
        "second_factor_roles, created_at) VALUES (%s, %s, %s, %s, 'UTC', 'full', '{}', now())",
        workspace,
        ids["provider"],
        slug,
        slug,
    )
    copy.ask(
        "INSERT INTO tenants_user (id, password, email, name, is_active, created_at) "
        "VALUES (%s, '', %s, 'Ana', true, now())",
        ids["user"],
        f"ana@{slug}.example",
    )
    with psycopg.connect(copy.url) as connection:
        # Only what the steps read: keys to the plant are left out for this test.
        for name in ("finding_asset", "finding_service"):
            connection.execute(
                sql.SQL(
                    "ALTER TABLE exposure_finding DROP CONSTRAINT IF EXISTS {}"
                ).format(sql.Identifier(name))
            )
    for number, band in enumerate(("immediate", "defer", ""), 1):
        finding, case = uuid.uuid4(), uuid.uuid4()
        copy.ask(
            "INSERT INTO exposure_finding (id, workspace_id, number, asset_id, service_id, "
            "check_id, check_version, title, state, grade, threat, gives, technique, "
            "revision, evidence_hash, detected_at, reopen_count, claim_failed) "
            "VALUES (%s, %s, %s, %s, %s, %s, 1, 'Open', 'open', 'E4', 'none', 'control', "
            "'', 1, '', now(), 0, 0)",
            finding,
            workspace,
            number,
            uuid.uuid4(),
            ids["service"],
            f"check-{number}",
        )
        if not band:
            continue
        copy.ask(
            "INSERT INTO workflows_case (id, workspace_id, finding_id, lead, slots, rule, "
            "reason, band, indicated_band, routed_at, decide_by, seen_revision, "
            "seen_state, path_hash) VALUES (%s, %s, %s, 'ot', '{it,ot}', 'both', '', %s, %s, "
            "now(), now(), 1, 'open', '')",
            case,
            workspace,
            finding,
            band,
            band,
        )
        if number == 1:
            copy.ask(
                "INSERT INTO workflows_decision (id, workspace_id, case_id, version, kind, "
                "state, action, technical_basis, safety_effect, downtime_minutes, "
                "lost_meanwhile, undo, units_before, units_after, proposer_id, proposed_at, "
                "decision_bytes, decision_hash, evidence_bytes, evidence_hash, ended_reason) "
                "VALUES (%s, %s, %s, 1, 'remediate', 'proposed', '', '', '', 0, '', '', 0, 0, "
                "%s, now(), '', '', '', '', '')",
                ids["decision"],
                workspace,
                case,
                ids["user"],
            )
    copy.ask(
        "INSERT INTO exposure_pathrevision (id, workspace_id, number, created_at, reason, "
        "snapshot_hash, policy_hash, worlds, exposure_units, reachable_lines, snapshot, "
        "result) VALUES (gen_random_uuid(), %s, 1, now(), '', '', '', 1, 0, 0, '', %s)",
        workspace,
        b'{"lines": [], "findings": [], "assets": []}',
    )


def _invitations_of_before(copy: Copy, workspace: uuid.UUID) -> uuid.UUID:
    """Let the provider and an administrator have invited somebody; return the latter."""
    ida = uuid.uuid4()
    [(ana, provider)] = copy.ask(
        "SELECT u.id, w.provider_id FROM tenants_user u, tenants_workspace w "
        "WHERE u.email = 'ana@northmill.example' AND w.id = %s",
        workspace,
    )
    copy.ask(
        "INSERT INTO tenants_user (id, password, email, name, is_active, created_at) "
        "VALUES (%s, '', 'ida@northmill.example', 'Ida', true, now())",
        ida,
    )
    copy.ask(
        "INSERT INTO tenants_staff (id, provider_id, user_id, role, created_at) "
        "VALUES (gen_random_uuid(), %s, %s, 'analyst', now())",
        provider,
        ana,
    )
    copy.ask(
        "INSERT INTO tenants_membership (id, user_id, workspace_id, role, side, site_ids, "
        "is_admin, reason, created_at) "
        "VALUES (gen_random_uuid(), %s, %s, 'approver', '', '{}', true, '', now())",
        ida,
        workspace,
    )
    for user, email in ((ana, "a@northmill.example"), (ida, "b@northmill.example")):
        copy.ask(
            "INSERT INTO tenants_invitation (id, workspace_id, email, name, role, side, "
            "site_ids, is_admin, state, token_hash, invited_by_id, created_at, expires_at) "
            "VALUES (gen_random_uuid(), %s, %s, '', 'portal', '', '{}', false, 'sent', "
            "%s, %s, now(), now() + interval '7 days')",
            workspace,
            email,
            email,
            user,
        )
    return ida
