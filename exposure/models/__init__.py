"""Models of exposure."""

from exposure.models.drift import ServiceChange
from exposure.models.figures import Occurrence, Tally
from exposure.models.findings import (
    COUNTED,
    GONE,
    Evidence,
    EvidenceKind,
    Finding,
    FindingState,
    Way,
)
from exposure.models.ledger import ProbeBatch, ProbeRecord
from exposure.models.observed import Observation, Service, ServiceState
from exposure.models.paths import PathRevision
from exposure.models.plant import (
    Asset,
    AssetKind,
    Basis,
    Conduit,
    Endpoint,
    Line,
    Site,
    Zone,
)
from exposure.models.runs import (
    PartState,
    Run,
    RunEvent,
    RunPart,
    RunState,
    RunTarget,
    Stage,
    TargetState,
    Transport,
)
from exposure.models.schedules import Schedule
from exposure.models.scope import Authorisation, Exclusion, ScopeEntry, Vantage

__all__ = [
    "COUNTED",
    "GONE",
    "Asset",
    "AssetKind",
    "Authorisation",
    "Basis",
    "Conduit",
    "Endpoint",
    "Evidence",
    "EvidenceKind",
    "Exclusion",
    "Finding",
    "FindingState",
    "Line",
    "Observation",
    "Occurrence",
    "PartState",
    "PathRevision",
    "ProbeBatch",
    "ProbeRecord",
    "Run",
    "RunEvent",
    "RunPart",
    "RunState",
    "RunTarget",
    "Schedule",
    "ScopeEntry",
    "Service",
    "ServiceChange",
    "ServiceState",
    "Site",
    "Stage",
    "Tally",
    "TargetState",
    "Transport",
    "Vantage",
    "Way",
    "Zone",
]
