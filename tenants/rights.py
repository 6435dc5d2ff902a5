"""Which role may do what; the tables are printed in docs/rights.md."""

from django.db import models

from tenants.models import ProviderRole, Role


class Right(models.TextChoices):
    """One thing a member may do; the table below is printed in the docs."""

    READ = "read", "read what is about the own sites"
    OPERATE = "operate", "start runs, describe the plant and edit the scope"
    STOP = "stop", "stop or pause a run"
    RESTRICT = "restrict", "exclude from the scope and close hours"
    AUTHORISE = "authorise", "sign an authorisation to scan"
    PROPOSE = "propose", "propose a treatment"
    COST = "cost", "say what a change costs"
    CONTROL = "control", "describe controls and record their tests"
    PLAN = "plan", "make plans over all plants"
    REPRODUCE = "reproduce", "count a stored revision again and take its graph"
    SIGN = "sign", "sign for the own side"
    CLAIM = "claim", "say that a treatment was carried out"
    RETEST = "retest", "ask for a re-test"
    UPLOAD = "upload", "attach files to an exposure"
    REMOVE = "remove", "remove files: the own ones, an administrator any"
    NOTIFY = "notify", "edit notifications"
    AUDIT = "audit", "read the ledger"
    VERIFY = "verify", "verify the ledger"
    ACCESS = "access", "see who gets in"
    INVITE = "invite", "invite people"
    CONFIRM = "confirm", "confirm invitations of the provider"
    PEOPLE = "people", "change what people may do, and remove them"
    END = "end", "end access of the provider"
    SECURE = "secure", "say who needs a second factor"
    SHARE = "share", "let the group see counts"
    UNSHARE = "unshare", "end what the group sees"
    KEYS = "keys", "make and revoke keys of the API"
    SIGN_ON = "sign_on", "set up the sign-in through the company"
    LEAVE = "leave", "end the own access"
    ACT_AS = "act_as", "look at the portal as one of the customer's people"
    DATA = "data", "take all data out, say how long it is kept, and delete it"


RIGHTS: dict[Right, frozenset[Role]] = {
    Right.READ: frozenset(Role),
    Right.OPERATE: frozenset({Role.ANALYST, Role.MANAGER}),
    Right.STOP: frozenset(Role) - {Role.AUDITOR},
    # What only takes away is for both houses, whoever sees the danger first.
    Right.RESTRICT: frozenset({Role.ANALYST, Role.MANAGER, Role.OWNER, Role.APPROVER}),
    Right.AUTHORISE: frozenset({Role.OWNER, Role.APPROVER}),
    Right.PROPOSE: frozenset({Role.ANALYST, Role.MANAGER, Role.OWNER}),
    # What it takes to change a plant is for its own people to say, with their side.
    Right.COST: frozenset({Role.OWNER}),
    # A control takes exposure off, so its plant says that it works, never the provider.
    Right.CONTROL: frozenset({Role.OWNER}),
    Right.PLAN: frozenset({Role.ANALYST, Role.MANAGER, Role.OWNER, Role.APPROVER}),
    Right.REPRODUCE: frozenset(Role) - {Role.PORTAL},
    Right.SIGN: frozenset({Role.OWNER, Role.APPROVER}),
    Right.CLAIM: frozenset({Role.OWNER}),
    Right.RETEST: frozenset({Role.ANALYST, Role.MANAGER, Role.OWNER, Role.PORTAL}),
    Right.UPLOAD: frozenset(Role) - {Role.AUDITOR},
    Right.REMOVE: frozenset(Role) - {Role.AUDITOR},
    Right.NOTIFY: frozenset({Role.ANALYST, Role.MANAGER}),
    Right.AUDIT: frozenset(Role),
    Right.VERIFY: frozenset({Role.AUDITOR, Role.MANAGER}),
    Right.ACCESS: frozenset(Role),
    Right.INVITE: frozenset({Role.ANALYST, Role.MANAGER}),
    Right.CONFIRM: frozenset(),
    Right.PEOPLE: frozenset({Role.MANAGER}),
    Right.END: frozenset({Role.MANAGER}),
    Right.SECURE: frozenset(),
    Right.SHARE: frozenset(),
    Right.UNSHARE: frozenset(),
    # A key stays when its maker has gone home, so who decides about people decides about
    # keys: the customer's administrators, and at the provider a manager, no analyst.
    Right.KEYS: frozenset({Role.MANAGER}),
    Right.SIGN_ON: frozenset(),
    Right.LEAVE: frozenset(Role),
    Right.ACT_AS: frozenset({Role.ANALYST, Role.MANAGER}),
    Right.DATA: frozenset(),
}

# What an administrator of the customer's may do besides what the role allows.
ADMIN_RIGHTS: frozenset[Right] = frozenset(
    {
        Right.VERIFY,
        Right.INVITE,
        Right.CONFIRM,
        Right.PEOPLE,
        Right.END,
        Right.SECURE,
        Right.SHARE,
        Right.UNSHARE,
        Right.KEYS,
        Right.SIGN_ON,
        Right.NOTIFY,
        Right.REMOVE,
        Right.DATA,
    }
)

# What an administrator keeps however far the portal is closed: the provider that closes
# it must not be able to stay, nor to hold a consent or the data.
KEPT: frozenset[Right] = frozenset(
    {
        Right.ACCESS,
        Right.CONFIRM,
        Right.END,
        Right.UNSHARE,
        Right.LEAVE,
        Right.DATA,
    }
)

# What reaches over all sites of a workspace: not for somebody whose scope is some of them.
WHOLE_WORKSPACE: frozenset[Right] = frozenset(
    {
        Right.NOTIFY,
        Right.INVITE,
        Right.PEOPLE,
        Right.SECURE,
        Right.SHARE,
        Right.ACT_AS,
        Right.DATA,
        Right.PLAN,
        Right.REPRODUCE,
    }
)

# Pages: they are read, and change nothing. Everything else is an act.
LOOKING: frozenset[Right] = frozenset({Right.READ, Right.AUDIT, Right.ACCESS})


class ProviderRight(models.TextChoices):
    """One thing a provider's person may do outside any customer's workspace."""

    LOOK = "look", "look across the customers to whom access is open"
    OPEN = "open", "open the own access to a customer, for a time and a reason"
    CUSTOMERS = "customers", "create customers"
    GRANT = "grant", "open and end the access of colleagues"
    EMPLOY = "employ", "employ colleagues, change their role and end their employment"
    SECURE = "secure", "say which colleagues need a second factor"
    GROUPS = "groups", "make groups of customers and invite people to them"
    BRAND = "brand", "set the name, colour and sender that customers see"
    RECORD = "record", "read what was changed at the provider"
    CLOSE = "close", "confirm that a customer's workspace is deleted"


PROVIDER_RIGHTS: dict[ProviderRight, frozenset[ProviderRole]] = {
    ProviderRight.LOOK: frozenset(ProviderRole),
    ProviderRight.OPEN: frozenset(ProviderRole),
    ProviderRight.CUSTOMERS: frozenset(ProviderRole),
    ProviderRight.GRANT: frozenset({ProviderRole.ADMIN, ProviderRole.MANAGER}),
    ProviderRight.EMPLOY: frozenset({ProviderRole.ADMIN}),
    ProviderRight.SECURE: frozenset({ProviderRole.ADMIN}),
    ProviderRight.GROUPS: frozenset({ProviderRole.ADMIN, ProviderRole.MANAGER}),
    ProviderRight.BRAND: frozenset({ProviderRole.ADMIN}),
    ProviderRight.RECORD: frozenset({ProviderRole.ADMIN, ProviderRole.MANAGER}),
    ProviderRight.CLOSE: frozenset({ProviderRole.ADMIN, ProviderRole.MANAGER}),
}
