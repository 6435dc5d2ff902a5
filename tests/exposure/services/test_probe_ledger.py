"""The probe ledger packs what was sent, and gives every single thing back."""

import datetime as dt

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from exposure.models import Finding, ProbeBatch, ProbeRecord, Run
from exposure.services import probe_ledger
from tests import factories
from tests.data_rights.conftest import as_owner
from tests.sent import make_record

NOON = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)


@pytest.fixture
def run(finding: Finding) -> Run:
    return Run.objects.get()


def test_a_sweep_of_an_address_is_one_row_for_each_result(run: Run) -> None:
    vantage = factories.make_vantage()
    make_record(run, vantage, *range(1, 1000), probe="connect", result="closed")
    make_record(run, vantage, 502, 1883, probe="connect", result="open")

    assert ProbeBatch.objects.count() == 2
    assert ProbeRecord.objects.count() == 1001
    assert list(
        ProbeRecord.objects.filter(result="open").values_list("port", flat=True)
    ) == [502, 1883]


def test_what_took_long_is_cut_so_that_a_time_finds_it(run: Run) -> None:
    kind = probe_ledger.Kind("tcp", "connect", 1, "filtered", 1, 0, 0)
    slow = [
        probe_ledger.Sent(NOON + dt.timedelta(minutes=3 * step), 1 + step, kind)
        for step in range(8)
    ]

    probe_ledger.write(
        slow, run=run, vantage_id=factories.make_vantage().pk, address="127.77.1.14"
    )

    assert [len(batch.ports) for batch in ProbeBatch.objects.order_by("at")] == [4, 4]
    late = probe_ledger.Asked(since=NOON + dt.timedelta(minutes=10))
    assert [each.port for each in probe_ledger.records(late)] == [5, 6, 7, 8]


def test_the_totals_count_every_record(run: Run) -> None:
    vantage = factories.make_vantage()
    make_record(run, vantage, *range(1, 11), at=NOON, connections=2, bytes_out=5)
    make_record(run, vantage, 502, at=NOON - dt.timedelta(minutes=1), bytes_out=7)

    totals = probe_ledger.totals(run, until=NOON + dt.timedelta(seconds=1))

    assert totals == probe_ledger.Totals(
        connections=21, bytes_out=57, deep=0, recent=20
    )


def test_what_went_to_cells_is_counted_apart(run: Run) -> None:
    vantage = factories.make_vantage()
    cell = factories.make_zone(run.site, "Filling", level=2)
    office = factories.make_zone(run.site, "Office", level=4)
    factories.make_asset(cell, "PLC-1", address="127.77.9.1")
    factories.make_asset(office, "WEB-1", address="127.77.9.2")
    make_record(run, vantage, 102, 502, at=NOON, address="127.77.9.1")
    make_record(run, vantage, 80, at=NOON, address="127.77.9.2")

    assert probe_ledger.totals(run, until=NOON).deep == 2


def test_a_sum_of_many_large_answers_does_not_overflow(run: Run) -> None:
    make_record(run, factories.make_vantage(), *range(1, 40), bytes_out=2**31 - 1)

    totals = probe_ledger.totals(run, until=timezone.now())

    assert totals.bytes_out == 39 * (2**31 - 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE exposure_probebatch SET result = 'open'",
        "DELETE FROM exposure_probebatch",
        "DELETE FROM exposure_probebatch_rest",
        "SELECT * FROM exposure_probebatch_rest",
        "DROP TABLE exposure_probebatch_rest",
        "SELECT exposure_ledger_month(now())",
    ],
)
def test_nobody_changes_it_or_goes_round_its_wall(run: Run, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_batch_names_a_time_for_every_port(run: Run) -> None:
    make_record(run, factories.make_vantage(), 502)
    [batch] = ProbeBatch.objects.all()

    with pytest.raises(IntegrityError), transaction.atomic():
        ProbeBatch.objects.create(
            run=run,
            at=NOON,
            vantage=batch.vantage,
            address="127.77.1.14",
            probe="s7",
            probe_version=1,
            result="open",
            connections=1,
            bytes_out=0,
            bytes_in=0,
            ports=[1, 2],
            after_ms=[0],
        )


def test_a_record_of_any_month_is_kept(run: Run) -> None:
    for year in (1999, 2026, 2190):
        make_record(run, factories.make_vantage(), 502, at=NOON.replace(year=year))

    assert ProbeRecord.objects.count() == 3


def months() -> set[str]:
    rows = as_owner(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'exposure_probebatch'::regclass"
    )
    return {name.removeprefix("exposure_probebatch_") for (name,) in rows}


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_months_ahead_are_there_and_making_them_again_changes_nothing(
    run: Run,
) -> None:
    today = timezone.now().replace(day=15)

    probe_ledger.keep_months()
    probe_ledger.keep_months()

    ahead = {f"{today + dt.timedelta(days=30 * step):%Y_%m}" for step in range(3)}
    assert months() >= {"rest", *ahead}
