"""Models of tenants."""

from tenants.models.api_keys import ApiAnswer, ApiKey
from tenants.models.counters import Counter, next_number
from tenants.models.data_rights import (
    Closure,
    DataPolicy,
    DeletionCertificate,
    Export,
    ExportState,
    InstallationKey,
)
from tenants.models.files import FileKind, StoredFile
from tenants.models.groups import Group, GroupRole, GroupSeat
from tenants.models.invitations import Invitation, InvitationState
from tenants.models.jobs import Job
from tenants.models.keys import DataKey, MasterKeyCheck
from tenants.models.ledger import (
    Checkpoint,
    LedgerCheck,
    LedgerDetail,
    LedgerEntry,
    LedgerHead,
    LedgerKey,
    LedgerPending,
)
from tenants.models.memberships import Membership, Role, Side
from tenants.models.owned import WorkspaceManager, WorkspaceOwned
from tenants.models.provider_events import ProviderEvent
from tenants.models.provider_invitations import ProviderInvitation
from tenants.models.sign_on import (
    Identity,
    IdentityKind,
    IdentityProvider,
    SecondFactor,
)
from tenants.models.sited import AllSites, Sited
from tenants.models.users import User
from tenants.models.visits import ActingAs, Visit
from tenants.models.workspaces import (
    Portal,
    Provider,
    ProviderLogo,
    ProviderRole,
    Staff,
    Workspace,
)

__all__ = [
    "ActingAs",
    "AllSites",
    "ApiAnswer",
    "ApiKey",
    "Checkpoint",
    "Closure",
    "Counter",
    "DataKey",
    "DataPolicy",
    "DeletionCertificate",
    "Export",
    "ExportState",
    "FileKind",
    "Group",
    "GroupRole",
    "GroupSeat",
    "Identity",
    "IdentityKind",
    "IdentityProvider",
    "InstallationKey",
    "Invitation",
    "InvitationState",
    "Job",
    "LedgerCheck",
    "LedgerDetail",
    "LedgerEntry",
    "LedgerHead",
    "LedgerKey",
    "LedgerPending",
    "MasterKeyCheck",
    "Membership",
    "Portal",
    "Provider",
    "ProviderEvent",
    "ProviderInvitation",
    "ProviderLogo",
    "ProviderRole",
    "Role",
    "SecondFactor",
    "Side",
    "Sited",
    "Staff",
    "StoredFile",
    "User",
    "Visit",
    "Workspace",
    "WorkspaceManager",
    "WorkspaceOwned",
    "next_number",
]
