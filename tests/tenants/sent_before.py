"""A probe ledger as the version before kept it: a row for each thing sent."""

import uuid
from collections.abc import Callable

Ask = Callable[..., list[tuple[object, ...]]]
SENT = """SELECT at, run_id, vantage_id, address, port, transport, probe, probe_version,
  connections, bytes_out, bytes_in, result FROM exposure_proberecord ORDER BY at, port"""


def sent_before(ask: Ask, workspace: uuid.UUID) -> list[tuple[object, ...]]:
    """Write a probe ledger in rows, over two months; return it as it is read now."""
    site, permission, run, vantage = (uuid.uuid4() for _ in range(4))
    ask(
        "INSERT INTO exposure_site (id, workspace_id, name) VALUES (%s, %s, 'Thornby')",
        site,
        workspace,
    )
    ask(
        "INSERT INTO exposure_vantage (id, workspace_id, name) VALUES (%s, %s, 'Internet')",
        vantage,
        workspace,
    )
    ask(
        "INSERT INTO exposure_authorisation (id, workspace_id, site_id, reference, statement, "
        "valid_from, valid_until, packets_per_second) "
        "VALUES (%s, %s, %s, 'A', '', now(), now() + interval '1 day', 500)",
        permission,
        workspace,
        site,
    )
    ask(
        "INSERT INTO exposure_run (id, workspace_id, number, site_id, authorisation_id, state, "
        "stage, requested_at, resumed, error, stage_seconds) "
        "VALUES (%s, %s, 1, %s, %s, 'finished', 'paths', now(), 0, '', '{}')",
        run,
        workspace,
        site,
        permission,
    )
    for name, ports in (("connect", [21, 22, 443]), ("s7", [102])):
        ask(
            "INSERT INTO exposure_proberecord (id, workspace_id, run_id, at, vantage_id, "
            "address, port, probe, probe_version, connections, bytes_out, bytes_in, result) "
            "SELECT gen_random_uuid(), %s, %s, day + port * interval '1 millisecond', %s, "
            "'127.77.1.14', port, %s, 1, 1, 22, 27, 'open' FROM unnest(%s::int[]) port, "
            "unnest(ARRAY[timestamptz '2026-03-31T23:59Z', '2026-04-01T00:00Z']) day",
            workspace,
            run,
            vantage,
            name,
            ports,
        )
    return ask(SENT.replace("transport", "'tcp'"))
