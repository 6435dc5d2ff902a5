"""Which database role does what: the owner migrates, everybody else reads and writes."""

from typing import Any


class OwnerMigrates:
    """Send migrations to the owner role and nothing else."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:  # noqa: ARG002 - Django's signature
        """Allow schema changes for the owner only."""
        return db == "owner"

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:  # noqa: ARG002 - Django's signature
        """Allow relations: all roles look at the same database."""
        return True
