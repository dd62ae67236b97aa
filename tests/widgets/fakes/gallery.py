"""What the pictures of the documentation show: a small organisation, at a frozen moment."""

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from memory_broker import NOW, FakeBroker
from samples import a_connection, a_service, some_connections, some_services

from conn_core import Scope, ServiceProposal

__all__ = [
    "END",
    "NOW",
    "a_connection",
    "acme_described",
    "acme_found",
    "broker",
    "clock",
    "daily_report",
    "empty",
    "looked_after",
    "offered",
]

_CRM_SCOPES = (
    Scope(name="contacts.read", display_name="Read contacts", read_only=True),
    Scope(name="contacts.write", display_name="Change contacts"),
    Scope(name="visits.read", display_name="Read visits", read_only=True),
)
_LOGIN = "https://login.acme.example"


#: Until when the report has to work.
END = datetime(2027, 1, 31, 23, 59, tzinfo=UTC)


def daily_report():
    """Return a notebook that uses four connections, two of which need somebody."""
    names = ("github", "warehouse", "finance-sheet", "zoho-expense")
    cells = [
        {"cell_type": "code", "metadata": {}, "source": f"%%connection {name}\n1"}
        for name in names
    ]
    path = Path(tempfile.mkdtemp()) / "daily-report.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    return path


def clock():
    """Return the frozen moment."""
    return NOW


def broker():
    """Return the organisation as ``priya`` sees it."""
    made = FakeBroker(
        services=_services(),
        connections=[
            *some_connections(),
            *_of_others(),
            *_to_visits(),
            _revoked_task(),
        ],
    )
    _remember(made)
    made.discovery[_LOGIN] = acme_found()
    return made


def empty():
    """Return the same organisation before anybody has connected to anything."""
    return FakeBroker(services=_services())


def acme_found():
    """Return what the login server of Acme says of itself."""
    return ServiceProposal(
        service={
            "issuer": _LOGIN,
            "authorization_endpoint": f"{_LOGIN}/authorize",
            "token_endpoint": f"{_LOGIN}/token",
            "revocation_endpoint": f"{_LOGIN}/revoke",
            "scopes": [scope.model_dump() for scope in _CRM_SCOPES],
        },
        notes=("The API base URL is not published there: enter it below",),
    )


def acme_described():
    """Return Acme CRM as somebody has typed it."""
    return ServiceProposal(
        service={
            "name": "Acme CRM",
            "description": "Customers and visits",
            "issuer": _LOGIN,
            "client_id": "analytics-lab",
            "api_base_url": "https://api.acme.example/v2",
            "api_hosts": ["api.acme.example"],
            "test_path": "/me",
        }
    )


def _services():
    """Return what can be connected to, the most used first."""
    first, *rest = some_services(count=0)
    used, others = [first, *rest[:3]], [s for s in rest[3:] if s.id != "routes"]
    return [*used, *_catalogue(), *others, *_own_services()]


def _own_services():
    return [
        a_service(
            "visits",
            "Field visits",
            predefined=False,
            owner="priya",
            category="",
            description="Visits and routes of the field team",
            api_base_url="https://api.acme.example/visits",
            api_hosts=("api.acme.example",),
            scopes=_CRM_SCOPES,
            revocation_endpoint=f"{_LOGIN}/revoke",
        ),
    ]


_CATALOGUE = (
    ("salesforce", "Salesforce", "CRM", "Accounts, leads and opportunities"),
    ("notion", "Notion", "Files and sheets", "Pages and databases"),
    ("jira", "Jira", "Development", "Issues, boards and sprints"),
    ("stripe", "Stripe", "Finance", "Payments, customers and invoices"),
    ("hubspot", "HubSpot", "CRM", "Contacts, deals and marketing e-mail"),
    ("snowflake", "Snowflake", "Analytics", "Query the data warehouse"),
    ("dropbox", "Dropbox", "Files and sheets", "Files and shared folders"),
    ("asana", "Asana", "Development", "Tasks and projects"),
    ("zoom", "Zoom", "Messaging", "Meetings and recordings"),
    ("xero", "Xero", "Finance", "Invoices and bank transactions"),
    ("airtable", "Airtable", "Files and sheets", "Bases, tables and records"),
    ("intercom", "Intercom", "CRM", "Conversations and contacts"),
    ("datadog", "Datadog", "Analytics", "Metrics, logs and monitors"),
    ("gitlab", "GitLab", "Development", "Projects, merge requests and pipelines"),
    ("calendly", "Calendly", "Messaging", "Event types and bookings"),
    ("quickbooks", "QuickBooks", "Finance", "Bills, invoices and reports"),
    ("typeform", "Typeform", "Analytics", "Forms and their answers"),
    ("figma", "Figma", "Development", "Files and comments"),
)


def _catalogue():
    """Return services with words of their own; every third is not registered yet."""
    return [
        a_service(
            service_id,
            name,
            category=category,
            description=about,
            registered=number % 3 > 0 and service_id != "gitlab",
            registration_endpoint=f"https://{service_id}.example/register",
        )
        for number, (service_id, name, category, about) in enumerate(_CATALOGUE)
    ]


def _of_others():
    shared = {"group": "organisation", "owner": "sam", "shared_with": ("*",)}
    sheets = {"service": "google-sheets", "service_name": "Google Sheets"}
    return [
        a_connection(
            "board-report-sheet-2026",
            "Board report sheet",
            **sheets,
            **shared,
            scopes=("spreadsheets",),
            last_used_at=NOW - timedelta(days=1),
        ),
        a_connection(
            "people-directory",
            "People directory",
            **shared,
            service="acme-crm",
            service_name="Acme CRM",
            use_login_user_credentials=True,
            scopes=("employees.read",),
            status="needs authorization",
            account=None,
            last_used_at=None,
        ),
        a_connection(
            "data-platform-bot",
            "Data platform bot",
            **shared,
            status="revoked",
            status_reason="Revoked by sam on 2026-11-09.",
            scopes=("repo", "workflow"),
            last_used_at=NOW - timedelta(days=16),
        ),
    ]


def _to_visits():
    """Return connections to a custom service, of two people."""
    visits = {"service": "visits", "service_name": "Field visits", "scopes": ()}
    return [
        a_connection("routes", "Routes", **visits, owner="sam", group="organisation"),
        a_connection("visits-north", "Visits north", **visits),
    ]


def _revoked_task():
    return a_connection(
        "sheets-tasks",
        "Google Sheets: append rows",
        group="internal",
        service="google-sheets",
        service_name="Google Sheets",
        status="revoked",
        scopes=("spreadsheets",),
        last_used_at=NOW - timedelta(days=23),
    )


def _remember(made):
    hours = timedelta(hours=1)
    made.note("github", "priya", "authorize", ago=320 * hours, detail="as priya-n")
    made.note("github", "priya", "edit", ago=163 * hours, detail="scopes")
    made.note("github", "priya", "revoke", ago=90 * hours)
    made.note("github", "priya", "enable", ago=89 * hours)
    made.note("github", "priya", "refresh", ago=6 * hours)
    made.note("github", "sam", "use", ago=3 * hours, detail="daily-report.ipynb")
    made.note("github", "priya", "use", ago=2 * hours, detail="spend-check.ipynb")
    made.note_use("github", "priya", "spend-check.ipynb", ago=2 * hours)
    made.note_use("github", "sam", "daily-report.ipynb", ago=3 * hours)
    made.note_use("github", "sam", "open-issues.ipynb", ago=70 * hours)


def looked_after():
    """Return the organisation as an administrator sees it, with what others share."""
    made = FakeBroker(
        services=_services(),
        connections=[*some_connections(), *_of_others(), *_of_elsewhere()],
    )
    _remember(made)
    made.looks_after = True
    return made


def offered():
    """Return the organisation once somebody has shared something with ``priya``."""
    scopes = ("contacts.read", "visits.read")
    shared = a_connection(
        "acme-visits",
        "Acme visits",
        group="organisation",
        accepted=False,
        owner="grace",
        account="grace@acme.example",
        service="acme-crm",
        service_name="Acme CRM",
        shared_with=("group:Data team",),
        scopes=scopes,
        granted_scopes=scopes,
        api_hosts=("api.acme.example", "files.acme.example"),
        exposure="sealed",
        last_used_at=None,
    )
    return FakeBroker(services=_services(), connections=[*_of_others(), shared])


def _of_elsewhere():
    """Return what is not shared with ``priya``."""
    gone = "Suspended: the account of tom is not active."
    theirs = {"group": "organisation", "accepted": False}
    return [
        a_connection(
            "payroll",
            "Payroll",
            **theirs,
            owner="grace",
            shared_with=("user:ada",),
            service="xero",
            service_name="Xero",
            scopes=("payroll.read",),
            exposure="sealed",
        ),
        a_connection(
            "tom-warehouse",
            "Warehouse export",
            **theirs,
            owner="tom",
            shared_with=("user:grace",),
            service="snowflake",
            service_name="Snowflake",
            status="revoked",
            status_reason=gone,
            scopes=("session:role:export",),
            last_used_at=NOW - timedelta(days=4),
        ),
    ]
