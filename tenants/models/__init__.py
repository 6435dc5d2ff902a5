"""Models of tenants."""

from tenants.models.counters import Counter, next_number
from tenants.models.jobs import Job
from tenants.models.memberships import Membership, Role, Side
from tenants.models.owned import WorkspaceManager, WorkspaceOwned
from tenants.models.users import User
from tenants.models.workspaces import Provider, Workspace

__all__ = [
    "Counter",
    "Job",
    "Membership",
    "Provider",
    "Role",
    "Side",
    "User",
    "Workspace",
    "WorkspaceManager",
    "WorkspaceOwned",
    "next_number",
]
