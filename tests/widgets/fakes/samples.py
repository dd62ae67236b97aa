"""Services and connections to put into a broker, one for each thing a screen can show."""

from datetime import timedelta

from memory_broker import NOW, FakeBroker

from conn_core import Connection, CredentialField, Scope, Service, ServiceParameter

__all__ = [
    "NOW",
    "FakeBroker",
    "Scope",
    "a_connection",
    "a_service",
    "some_connections",
    "some_services",
]


def a_service(service_id="github", name="GitHub", **members):
    """Make an OAuth service."""
    defaults = {
        "predefined": True,
        "registered": True,
        "authorization_endpoint": "https://example.com/authorize",
        "token_endpoint": "https://example.com/token",
        "api_base_url": "https://api.example.com",
        "api_hosts": ("api.example.com",),
        "test_path": "/user",
        "revocation_endpoint": "https://example.com/revoke",
        "category": "Development",
        "description": "Repositories, issues and pull requests",
        "scopes": GITHUB_SCOPES,
        "default_scopes": ("read:user", "repo"),
    }
    return Service(id=service_id, name=name, **(defaults | members))


GITHUB_SCOPES = (
    Scope(name="read:user", display_name="Profile", read_only=True),
    Scope(name="user:email", display_name="E-mail addresses", read_only=True),
    Scope(name="read:org", display_name="Organisation membership", read_only=True),
    Scope(name="repo", display_name="Repositories, public and private"),
    Scope(name="workflow", display_name="Workflows"),
    Scope(name="gist", display_name="Gists"),
)

_ZOHO = a_service(
    "zoho-expense",
    "Zoho Expense",
    registered=False,
    category="Finance",
    description="Expense reports, receipts and trips",
    parameters=(
        ServiceParameter(
            name="data_centre",
            display_name="Data centre",
            choices=("eu", "com", "in"),
            help="The end of the address you see when you are signed in to Zoho.",
        ),
        ServiceParameter(
            name="organisation",
            display_name="Organisation",
            pattern="[0-9]{4,12}",
            example="60001234",
        ),
    ),
    scopes=(
        Scope(
            name="ZohoExpense.expensereport.READ",
            display_name="Expense reports",
            read_only=True,
        ),
        Scope(name="ZohoExpense.receipt.READ", display_name="Receipts", read_only=True),
        Scope(
            name="ZohoExpense.expensereport.ALL",
            display_name="Create and change expense reports",
        ),
    ),
    default_scopes=(),
)


_SHOP = a_service(
    "shop",
    "Shop of one's own",
    auth_type="basic",
    registered=False,
    category="Finance",
    description="Orders and stock",
    scopes=(),
    default_scopes=(),
    param_prefix="Basic ",
    api_base_url="https://{server}/api",
    api_hosts=("{server}",),
    credential_fields=(
        CredentialField(name="username", display_name="Account", secret=False),
        CredentialField(name="password", display_name="API token"),
    ),
    parameters=(
        ServiceParameter(
            name="server",
            display_name="Server",
            names_host=True,
            example="shop.example.com",
            help="The server that your credentials are sent to",
        ),
        ServiceParameter(
            name="region",
            display_name="Region",
            choices=("north", "south"),
            default="south",
        ),
        ServiceParameter(name="stock", filled_by="choice", follows="region"),
    ),
)
_METERS = a_service(
    "meters",
    "Meters",
    grant_type="client_credentials",
    authorization_endpoint=None,
    registered=False,
    category="Analytics",
    description="Readings",
)
_TELEVISION = a_service(
    "television",
    "Television",
    grant_type="device_code",
    authorization_endpoint=None,
    device_authorization_endpoint="https://example.com/code",
    category="CRM",
    description="Programmes",
)


def some_services(count=30):
    """Make a small catalogue."""
    named = [
        a_service(),
        a_service(
            "google-sheets",
            "Google Sheets",
            category="Files and sheets",
            description="Read and write spreadsheets",
        ),
        _ZOHO,
        a_service(
            "slack",
            "Slack",
            category="Messaging",
            description="Messages, channels and files",
        ),
        a_service(
            "weather",
            "Weather",
            auth_type="api_key",
            registered=False,
            category="Analytics",
            description="Forecasts and history",
            scopes=(),
            default_scopes=(),
        ),
        _SHOP,
        _METERS,
        _TELEVISION,
        a_service(
            "acme-crm",
            "Acme CRM",
            predefined=False,
            owner="sam",
            category="",
            description="Customers and visits",
        ),
        a_service(
            "routes",
            "Routes",
            predefined=False,
            owner="priya",
            category="",
            description="Tours of the field team",
            scopes=(Scope(name="tours.read", display_name="Tours", read_only=True),),
            default_scopes=("tours.read",),
        ),
    ]
    more = [
        a_service(
            f"service-{n}",
            f"Service {n}",
            category=("CRM", "Analytics", "Finance")[n % 3],
            description=f"The things that number {n} keeps",
        )
        for n in range(count)
    ]
    return [*named, *more]


def a_connection(link_name="github", name="GitHub", **members):
    """Make a connection of ``priya`` that works."""
    defaults = {
        "service": "github",
        "service_name": "GitHub",
        "scopes": ("repo", "read:user"),
        "granted_scopes": ("repo", "read:user"),
        "owner": "priya",
        "shared_with": ("*",),
        "status": "connected",
        "account": "priya-n",
        "last_used_at": NOW - timedelta(hours=2),
        "created_at": NOW - timedelta(days=60),
    }
    return Connection(link_name=link_name, name=name, **(defaults | members))


def some_connections(clock=NOW):
    """Make a connection for each kind of row."""
    sheets = {"service": "google-sheets", "service_name": "Google Sheets"}
    slack = {"service": "slack", "service_name": "Slack"}
    zoho = {"service": "zoho-expense", "service_name": "Zoho Expense"}
    acme = {"service": "acme-crm", "service_name": "Acme CRM"}
    unused = {"last_used_at": None, "account": None}
    return [
        a_connection(last_used_at=clock - timedelta(hours=2)),
        a_connection(
            "finance-sheet",
            "Finance sheet",
            **sheets,
            scopes=("spreadsheets.readonly", "drive.file", "drive.metadata.readonly"),
            expires_at=clock + timedelta(days=5, hours=1),
            last_used_at=clock - timedelta(days=1),
        ),
        a_connection(
            "zoho-expense",
            "Zoho Expense",
            **zoho,
            **unused,
            scopes=("ZohoExpense.expensereport.READ",),
            status="needs authorization",
        ),
        a_connection(
            "hr-system",
            "HR system",
            **acme,
            scopes=("employees.read",),
            use_login_user_credentials=True,
            last_used_at=clock - timedelta(days=3),
        ),
        a_connection(
            "team-slack",
            "Team Slack",
            **slack,
            scopes=("chat:write", "channels:read"),
            status="failed",
            status_reason="Slack no longer accepts this authorization (invalid_grant). "
            "Ended 2026-11-14.",
            last_used_at=clock - timedelta(days=11),
        ),
        a_connection(
            "acme-crm",
            "Acme CRM",
            **acme,
            scopes=("contacts.read",),
            status="revoked",
            status_reason="Revoked by priya on 2026-11-20.",
            last_used_at=clock - timedelta(days=5),
        ),
        a_connection("warehouse", "Warehouse", group="organisation", owner="sam"),
        a_connection(
            "slack-tasks",
            "Slack: post message",
            **slack,
            group="internal",
            scopes=("chat:write",),
        ),
    ]
