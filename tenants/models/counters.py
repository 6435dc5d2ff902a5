"""Running numbers that people can say aloud, one series per workspace."""

from typing import Any, ClassVar

from django.db import connection, models

from tenants.models.owned import WorkspaceOwned
from tenants.models.sited import AllSites
from tenants.scope import current_workspace_id


class Counter(WorkspaceOwned):
    """The last number given out in one series of one workspace."""

    SITE = AllSites("Numbers are given out in one series for the whole workspace.")

    name = models.CharField(max_length=20)
    value = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="one_counter_per_name"
            ),
        ]

    def __str__(self) -> str:
        """Return the series."""
        return self.name


NEXT = """
INSERT INTO tenants_counter (id, workspace_id, name, value) VALUES (gen_random_uuid(), %s, %s, 1)
ON CONFLICT (workspace_id, name) DO UPDATE SET value = tenants_counter.value + 1
RETURNING value
"""


def next_number(name: str) -> int:
    """Return the next number of a series; no two transactions get the same one."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [current_workspace_id(), name])
        row = cursor.fetchone()
    return int(row[0])
