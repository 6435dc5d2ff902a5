"""Models of exposure."""

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
from exposure.models.names import (
    Holding,
    HoldingKind,
    HoldingState,
    NameRecord,
    NameSearch,
    OwnerAnswer,
    SearchState,
    Sighting,
)
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
    Run,
    RunEvent,
    RunState,
    RunTarget,
    Stage,
    TargetState,
    Transport,
)
from exposure.models.scope import Authorisation, Exclusion, ScopeEntry, Vantage
from exposure.models.shares import SweepShare
from exposure.models.sources import ServiceElsewhere, SourceAnswer, SourceGrant

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
    "Holding",
    "HoldingKind",
    "HoldingState",
    "Line",
    "NameRecord",
    "NameSearch",
    "Observation",
    "Occurrence",
    "OwnerAnswer",
    "PathRevision",
    "ProbeBatch",
    "ProbeRecord",
    "Run",
    "RunEvent",
    "RunState",
    "RunTarget",
    "ScopeEntry",
    "SearchState",
    "Service",
    "ServiceElsewhere",
    "ServiceState",
    "Sighting",
    "Site",
    "SourceAnswer",
    "SourceGrant",
    "Stage",
    "SweepShare",
    "Tally",
    "TargetState",
    "Transport",
    "Vantage",
    "Way",
    "Zone",
]
