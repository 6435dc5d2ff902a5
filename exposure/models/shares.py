"""Who sweeps right now, whoever the customer is: the installation has one ceiling."""

import uuid

from django.db import models


class SweepShare(models.Model):
    """A sweep that has its part of the ceiling until then; of no customer, on purpose."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    until = models.DateTimeField()

    def __str__(self) -> str:
        """Return when it ends."""
        return f"until {self.until:%H:%M:%S}"
