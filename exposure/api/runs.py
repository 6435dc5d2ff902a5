"""Runs: read, started and stopped."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from exposure.logic.profiles import NORMAL, PROFILES
from exposure.models import Authorisation, Run, RunState, Stage
from exposure.models.schedules import PROFILE_CHOICES
from exposure.services import pausing
from exposure.services import runs as service
from exposure.services.run_counts import counted_runs, tally_of
from tenants.api.endpoints import Doing, Listing, One
from tenants.api.serializers import Body, Filters, Named
from tenants.key_scopes import KeyScope

LARGEST = 2**31 - 1  # what the column of numbers holds


class RunItem(serializers.Serializer[Any]):
    """One run: where, why allowed, by whom, and what it found so far."""

    number = serializers.IntegerField()
    site = Named()
    authorisation = serializers.CharField(source="authorisation.reference")
    state = serializers.ChoiceField(choices=RunState.choices)
    stage = serializers.ChoiceField(choices=Stage.choices)
    profile = serializers.ChoiceField(choices=PROFILE_CHOICES)
    profile_version = serializers.IntegerField()
    requested_by = serializers.CharField(
        source="requested_by.name", allow_null=True, help_text="Null: the schedule."
    )
    requested_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    stop_requested_at = serializers.DateTimeField(allow_null=True)
    pause_requested_at = serializers.DateTimeField(allow_null=True)
    paused_at = serializers.DateTimeField(allow_null=True)
    goes_on_at = serializers.DateTimeField(
        allow_null=True, help_text="When a paused run goes on by itself."
    )
    last_packet_at = serializers.DateTimeField(
        allow_null=True, help_text="When the last connection was opened."
    )
    closed_at = serializers.DateTimeField(
        allow_null=True, help_text="When a halted run had closed every connection."
    )
    error = serializers.CharField()
    addresses = serializers.IntegerField(source="n_addresses")
    services = serializers.IntegerField(source="n_services")
    new_services = serializers.IntegerField(source="n_new")
    refused = serializers.IntegerField(source="n_refused")


class RunProgress(serializers.Serializer[Any]):
    """How far a run is."""

    addresses_total = serializers.IntegerField(source="total")
    addresses_done = serializers.IntegerField(source="done")
    addresses_swept = serializers.IntegerField(source="swept")
    addresses_answering = serializers.IntegerField(source="answering")
    connections = serializers.IntegerField()
    bytes_sent = serializers.IntegerField(source="bytes_out")
    findings_checked = serializers.IntegerField(source="counts.checked")
    seconds = serializers.FloatField()


class RunDetail(RunItem):
    """One run and how far it is."""

    progress = serializers.SerializerMethodField()

    @extend_schema_field(RunProgress)
    def get_progress(self, run: Run) -> Any:
        """Count it now."""
        return RunProgress(tally_of(run)).data


class RunFilters(Filters):
    """Which runs."""

    state = serializers.ChoiceField(choices=RunState.choices, required=False)
    site = serializers.UUIDField(required=False)


class RunStart(Body):
    """Under which authorisation."""

    authorisation = serializers.CharField(
        max_length=40, help_text="Its reference, such as TH-2026-04."
    )
    profile = serializers.ChoiceField(
        choices=PROFILE_CHOICES, required=False, default=NORMAL.name
    )


class Runs(Doing, Listing):
    """List the runs, the newest first."""

    scopes: ClassVar = {"GET": KeyScope.RUNS_READ, "POST": KeyScope.RUNS_START}
    shows = RunItem
    filters = RunFilters
    order = "-number"
    takes = RunStart
    gives = RunItem
    status = 201

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return the runs of the key's sites."""
        return counted_runs()

    def act(self, values: Mapping[str, Any], **kwargs: Any) -> Run:  # noqa: ARG002 - the address has no parameter
        """Start a run of everything that an authorisation covers."""
        authorisation = get_object_or_404(
            Authorisation, reference=values["authorisation"]
        )
        run = service.start_run(
            authorisation.pk,
            by=self.bearer.membership.user,
            profile=PROFILES[values["profile"]],
        )
        return run_or_404(run.number)


class OneRun(One):
    """Return one run and how far it is."""

    scopes: ClassVar = {"GET": KeyScope.RUNS_READ}
    shows = RunDetail

    def found(self, **kwargs: Any) -> Run:
        """Return the run with a number."""
        return run_or_404(kwargs["number"])


class Stop(Doing):
    """Stop a run."""

    scopes: ClassVar = {"POST": KeyScope.RUNS_STOP}
    gives = RunDetail

    def act(self, values: Mapping[str, Any], **kwargs: Any) -> Run:  # noqa: ARG002 - it takes no values
        """Ask a run to stop; one that has ended stays as it is."""
        run = run_or_404(kwargs["number"])
        service.request_stop(run.pk, by=self.bearer.membership.user)
        return run_or_404(run.number)


class Pause(Doing):
    """Pause a run."""

    scopes: ClassVar = {"POST": KeyScope.RUNS_STOP}
    gives = RunDetail

    def act(self, values: Mapping[str, Any], **kwargs: Any) -> Run:  # noqa: ARG002 - it takes no values
        """Ask a run to pause; one that has ended stays as it is."""
        run = run_or_404(kwargs["number"])
        pausing.request_pause(run.pk, by=self.bearer.membership.user)
        return run_or_404(run.number)


class Resume(Doing):
    """Let a paused run go on."""

    scopes: ClassVar = {"POST": KeyScope.RUNS_START}
    gives = RunDetail

    def act(self, values: Mapping[str, Any], **kwargs: Any) -> Run:  # noqa: ARG002 - it takes no values
        """Let it go on; one that is not paused stays as it is."""
        run = run_or_404(kwargs["number"])
        pausing.resume_run(run.pk, by=self.bearer.membership.user)
        return run_or_404(run.number)


def run_or_404(number: int) -> Run:
    """Return the run with a number, if the key gets at its site."""
    if number > LARGEST:
        raise Http404
    run: Run = get_object_or_404(counted_runs(), number=number)
    return run
