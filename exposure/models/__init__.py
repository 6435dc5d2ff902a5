"""Models of exposure."""

from exposure.models.access import (
    Credential,
    CredentialPlace,
    Opened,
    PlaceUse,
    VendorAccess,
)
from exposure.models.controls import Control, ControlTest
from exposure.models.costs import ChangeCost
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
from exposure.models.halts import StopEffect, StopLevel, StopOrder
from exposure.models.hours import Blackout, WeeklyHours
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
from exposure.models.ownership import (
    LetterApproval,
    OwnershipLetter,
    OwnershipProof,
    ProofKind,
)
from exposure.models.paths import PathRefusal, PathRevision, SiteExposure
from exposure.models.plans import MaintenanceWindow, Plan, PlanState
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
from exposure.models.shares import SweepShare
from exposure.models.sources import ServiceElsewhere, SourceAnswer, SourceGrant

__all__ = [
    "COUNTED",
    "GONE",
    "Asset",
    "AssetKind",
    "Authorisation",
    "Basis",
    "Blackout",
    "ChangeCost",
    "Conduit",
    "Control",
    "ControlTest",
    "Credential",
    "CredentialPlace",
    "Endpoint",
    "Evidence",
    "EvidenceKind",
    "Exclusion",
    "Finding",
    "FindingState",
    "Holding",
    "HoldingKind",
    "HoldingState",
    "LetterApproval",
    "Line",
    "MaintenanceWindow",
    "NameRecord",
    "NameSearch",
    "Observation",
    "Occurrence",
    "Opened",
    "OwnerAnswer",
    "OwnershipLetter",
    "OwnershipProof",
    "PartState",
    "PathRefusal",
    "PathRevision",
    "PlaceUse",
    "Plan",
    "PlanState",
    "ProbeBatch",
    "ProbeRecord",
    "ProofKind",
    "Run",
    "RunEvent",
    "RunPart",
    "RunState",
    "RunTarget",
    "Schedule",
    "ScopeEntry",
    "SearchState",
    "Service",
    "ServiceChange",
    "ServiceElsewhere",
    "ServiceState",
    "Sighting",
    "Site",
    "SiteExposure",
    "SourceAnswer",
    "SourceGrant",
    "Stage",
    "StopEffect",
    "StopLevel",
    "StopOrder",
    "SweepShare",
    "Tally",
    "TargetState",
    "Transport",
    "Vantage",
    "VendorAccess",
    "Way",
    "WeeklyHours",
    "Zone",
]
