"""Models of tenants."""

from tenants.models.closing import Closing, DeletionCertificate, Retention
from tenants.models.counters import Counter, next_number
from tenants.models.invitations import Invitation, InvitationState, StaffInvitation
from tenants.models.jobs import Job
from tenants.models.keys import ApiKey, DataKey, MasterKeyCheck, StoredFile
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
from tenants.models.single_sign_on import IdentityKind, IdentityProvider
from tenants.models.users import User
from tenants.models.visits import ActingAs, Visit
from tenants.models.workspaces import (
    Group,
    Portal,
    Provider,
    ProviderRole,
    Staff,
    Workspace,
)

__all__ = [
    "ActingAs",
    "ApiKey",
    "Checkpoint",
    "Closing",
    "Counter",
    "DataKey",
    "DeletionCertificate",
    "Group",
    "IdentityKind",
    "IdentityProvider",
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
    "ProviderRole",
    "Retention",
    "Role",
    "Side",
    "Staff",
    "StaffInvitation",
    "StoredFile",
    "User",
    "Visit",
    "Workspace",
    "WorkspaceManager",
    "WorkspaceOwned",
    "next_number",
]
