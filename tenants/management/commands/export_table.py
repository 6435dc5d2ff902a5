"""Prints the table of what an export holds from the models that it is made of."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from tenants.portable.tables import LEFT_OUT, every_table, exported_tables

TITLE = """# What an export holds

This page is printed by `./sightline manage export_table` from the models that an export is
made of; a test compares them. docs/data.md tells how to get one, and of its other files.

Each table is one file `tables/NAME.jsonl`: one row a line, a JSON object (RFC 8259) in UTF-8
with these names. Ids are UUIDs, times RFC 3339 in UTC, bytes base64 (RFC 4648, padded), and
what is empty is `null`. Rows come in the order of their ids, which grow with time.
"""


class Command(BaseCommand):
    """Writes Markdown to standard output."""

    help = "Print what an export holds, as in docs/export.md."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Print."""
        self.stdout.write(export_table(), ending="")


def export_table() -> str:
    """Return the page."""
    return "\n".join([TITLE, *_tables(), *_left_out(), ""])


def _tables() -> Iterator[str]:
    for table in exported_tables():
        told = (table.model.__doc__ or "").strip().splitlines()
        yield f"## {table.name}\n"
        yield f"{told[0] if told else table.label}\n"
        yield "| column | what it holds |"
        yield "| --- | --- |"
        for column in table.open_columns:
            yield f"| `{column.name}` | {column.words} |"
        yield ""


def _left_out() -> Iterator[str]:
    yield "## What is left out\n"
    yield "| table or column | why |"
    yield "| --- | --- |"
    for label, why in LEFT_OUT.items():
        yield f"| {label} | {why} |"
    for table in every_table():
        for column in table.columns:
            if column.is_secret and table.label not in LEFT_OUT:
                yield f"| `{table.name}.{column.name}` | a secret, or a hash of one |"
