"""A finding moves on evidence only; evidence is append-only."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from exposure.models.observed import Observation, Service
from exposure.models.plant import Asset
from exposure.models.runs import Run
from tenants.models.owned import WorkspaceOwned, workspace_key
from tenants.models.sited import Sited
from tenants.rls import WorkspaceFK


class FindingState(models.TextChoices):
    """Where a finding is; the moves are in `exposure.logic.finding_states`."""

    VALIDATING = "validating", "Validating"
    OPEN = "open", "Open"
    TREATED = "treated", "Treatment agreed"
    VERIFYING = "verifying", "Being re-tested"
    CLOSED = "closed", "Closed"
    DISPROVED = "disproved", "Disproved"


# States in which a finding still counts as exposure: everything but proof of absence.
COUNTED = (
    FindingState.VALIDATING,
    FindingState.OPEN,
    FindingState.TREATED,
    FindingState.VERIFYING,
)
# The two states of what is not there any more.
GONE = (FindingState.CLOSED, FindingState.DISPROVED)


class Finding(WorkspaceOwned):
    """One weakness on one asset."""

    SITE = Sited("site_id", empty=False, same=("asset", "case"))

    # The asset's, kept by the database (migration 0003), so that lists need no join.
    site_id = models.UUIDField(null=True, editable=False)
    number = models.PositiveIntegerField()
    asset = models.ForeignKey(
        Asset, on_delete=models.CASCADE, db_constraint=False, related_name="findings"
    )
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, db_constraint=False, related_name="findings"
    )
    check_id = models.CharField(max_length=40)
    check_version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    state = models.CharField(
        max_length=12, choices=FindingState.choices, default=FindingState.VALIDATING
    )
    grade = models.CharField(max_length=2)
    threat = models.CharField(max_length=12)
    gives = models.CharField(max_length=10)
    technique = models.CharField(max_length=10, blank=True, default="")
    revision = models.PositiveIntegerField(default=0)
    evidence_hash = models.CharField(max_length=64, blank=True, default="")
    detected_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    claim_failed = models.PositiveSmallIntegerField(default=0)
    # How soon it is asked to act: 0 while nobody has been asked, then the band's rank + 1.
    urgency = models.PositiveSmallIntegerField(default=0)
    # Whether something is proposed or agreed about it.
    in_hand = models.BooleanField(default=False)
    # What the newest path revision says of it, so that no list has to read the answer:
    # the units reached through it, the steps to it from the internet (empty: no way is
    # known), and the lines it leads to.
    through = models.FloatField(default=0.0)
    steps = models.PositiveSmallIntegerField(null=True, blank=True)
    line_ids = ArrayField(models.UUIDField(), default=list, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            workspace_key("finding_key"),
            WorkspaceFK(field="asset", name="finding_asset"),
            WorkspaceFK(field="service", name="finding_service"),
            models.UniqueConstraint(
                fields=["workspace", "number"], name="finding_number"
            ),
            models.UniqueConstraint(
                fields=["workspace", "service", "check_id"],
                name="one_finding_per_service_and_check",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["workspace", "state", "-detected_at"], name="finding_list"
            ),
            # The lists of exposures in their order; what a query asks for beside it is
            # in the index, so counting and leafing read no row of the table.
            models.Index(
                fields=["workspace", "-urgency", "-through", "number"],
                include=["id", "state", "in_hand"],
                condition=models.Q(state__in=COUNTED),
                name="finding_counted",
            ),
            models.Index(
                fields=["workspace", "-urgency", "-through", "number"],
                include=["id", "state"],
                condition=models.Q(state__in=GONE),
                name="finding_gone",
            ),
        ]

    def __str__(self) -> str:
        """Return the reference and the claim."""
        return f"{self.ref}: {self.title}"

    @property
    def ref(self) -> str:
        """Return the reference that people say, such as SL-12."""
        return f"SL-{self.number}"

    @property
    def is_counted(self) -> bool:
        """Whether it still counts as exposure."""
        return self.state in COUNTED


class Way(WorkspaceOwned):
    """The likeliest way to one finding, hop by hop, after the newest path revision.

    It names what stands at other sites too: a reader of some sites gets it computed.
    """

    SITE = Sited("finding")

    finding = models.ForeignKey(
        Finding, on_delete=models.CASCADE, db_constraint=False, related_name="ways"
    )
    # The hops of `exposure.logic.paths.results`, each with the `ref` of what it uses and
    # its `weakest` cause, which older rows lack; the last one with the ids of the
    # `safety` systems that are reached onward.
    hops = models.JSONField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="finding", name="way_finding"),
            models.UniqueConstraint(
                fields=["workspace", "finding"], name="one_way_per_finding"
            ),
        ]

    def __str__(self) -> str:
        """Return how long it is."""
        return f"{len(self.hops)} steps to {self.finding_id}"


class EvidenceKind(models.TextChoices):
    """What kind of item this is."""

    REACHED = "reached", "It answers"
    CHECK = "check", "Check"
    SECOND = "second", "Second, independent check"
    RETEST = "retest", "Re-test"
    CONDUIT = "conduit", "Way through the plant"


class Evidence(WorkspaceOwned):
    """One append-only item: claim, grade, vantage, transcript, replay."""

    SITE = Sited("finding")

    finding = models.ForeignKey(
        Finding,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="evidence",
    )
    observation = models.ForeignKey(
        Observation,
        on_delete=models.CASCADE,
        db_constraint=False,
        null=True,
        blank=True,
    )
    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_constraint=False, null=True, blank=True
    )
    revision = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=EvidenceKind.choices)
    holds = models.BooleanField(null=True, help_text="Empty: inconclusive")
    grade = models.CharField(max_length=2)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    vantage_name = models.CharField(max_length=120)
    check_id = models.CharField(max_length=40, blank=True, default="")
    check_version = models.PositiveSmallIntegerField(default=0)
    not_done = models.CharField(max_length=200, blank=True, default="")
    replay = models.TextField(blank=True, default="")
    # The same list as in the observation, so that the item stands on its own.
    exchanges = models.JSONField(default=list)
    at = models.DateTimeField()
    # SHA-256 over the canonical bytes of what is above; see services.evidence.
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            WorkspaceFK(field="finding", name="evidence_finding"),
            WorkspaceFK(field="observation", name="evidence_observation"),
            WorkspaceFK(field="run", name="evidence_run"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["workspace", "finding", "at"], name="evidence_of_finding"
            ),
        ]

    def __str__(self) -> str:
        """Return the claim."""
        return self.title
