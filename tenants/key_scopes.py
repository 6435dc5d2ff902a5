"""What a key of the API may be allowed, and the right that its maker needs for it."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models

from tenants.rights import Right


class KeyScope(models.TextChoices):
    """One thing a key may do. Nothing here signs, decides, invites or opens secrets."""

    EXPOSURES_READ = "exposures:read", "read exposures and their evidence"
    DECISIONS_READ = "decisions:read", "read cases, decisions and signatures"
    PLANT_READ = "plant:read", "read sites, zones, lines, assets and services"
    PATHS_READ = "paths:read", "read the exposure of lines and the ways to them"
    RUNS_READ = "runs:read", "read runs and how far they are"
    RUNS_START = "runs:start", "start a run, or let one go on"
    RUNS_STOP = "runs:stop", "stop or pause a run"
    RETEST = "retest", "ask for a re-test"
    LEDGER_READ = "ledger:read", "read the ledger and its newest checkpoint"


# Printed in docs/rights.md. A key does what its maker may at that moment, never more.
RIGHT_OF: Mapping[KeyScope, Right] = MappingProxyType(
    {
        KeyScope.EXPOSURES_READ: Right.READ,
        KeyScope.DECISIONS_READ: Right.READ,
        KeyScope.PLANT_READ: Right.READ,
        KeyScope.PATHS_READ: Right.READ,
        KeyScope.RUNS_READ: Right.READ,
        KeyScope.RUNS_START: Right.OPERATE,
        KeyScope.RUNS_STOP: Right.STOP,
        KeyScope.RETEST: Right.RETEST,
        KeyScope.LEDGER_READ: Right.AUDIT,
    }
)

# Whoever made the key: these need a person in front of a page.
NEVER_BY_KEY: frozenset[Right] = frozenset(Right) - frozenset(RIGHT_OF.values())
