"""The web page as a person without script uses it, and every one of its pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jupyter_process import JupyterProcess
from playwright.sync_api import Page

_CONNECTIONS = "connections/api/v1/connections"
_SERVICES = "connections/api/v1/services"
_COMPANY = {
    "id": "acme-crm",
    "name": "Acme CRM",
    "description": "Customers and visits",
    "authorization_endpoint": "https://login.acme.example/oauth/authorize",
    "token_endpoint": "https://login.acme.example/oauth/token",
    "revocation_endpoint": "https://login.acme.example/oauth/revoke",
    "scopes": [
        {"name": "contacts.read", "display_name": "Read contacts", "read_only": True},
        {"name": "contacts.write", "display_name": "Change contacts"},
    ],
    "api_base_url": "https://api.acme.example/v2",
    "test_path": "/me",
}


@dataclass(frozen=True)
class Shown:
    """One page: where it is, and what to do there before it is looked at."""

    name: str
    path: str
    do: Any = None


def log_in(page: Page, server: JupyterProcess) -> None:
    """Let the browser in; the token is then in a cookie."""
    page.goto(f"{server.url}connections/?token={server.token}")
    page.goto(f"{server.url}connections/")


def furnish(server: JupyterProcess, *, client_id: str, client_secret: str) -> str:
    """Make services and connections in several states; return a waiting attempt's flow."""
    registration = {"client_id": client_id, "client_secret": client_secret}
    server.api(f"{_SERVICES}/practice/registration", registration, method="PUT")
    server.api(_SERVICES, _COMPANY)
    for name, more in (
        ("Expenses", {}),
        ("Expense reports of all our companies", {"use_login_user_credentials": True}),
        ("Old expenses", {}),
    ):
        server.api(_CONNECTIONS, {"service": "practice", "name": name} | more)
    server.api(_CONNECTIONS, {"service": "acme-crm", "name": "Acme visits"})
    server.api(f"{_CONNECTIONS}/old-expenses/revoke", {})
    internal = "connections/api/v1/internal-connections/practice"
    server.api(internal, {}, method="PUT")
    begun = server.api(f"{_CONNECTIONS}/expenses/authorizations", {})
    return str(begun["flow"])


def pages(flow: str) -> Iterator[Shown]:
    """Name every page, those with something wrong on them too.

    Args:
        flow: Of an attempt that waits.
    """
    yield Shown("list", "")
    yield Shown("list-menu", "", _open_menu)
    yield Shown("list-organisation", "?group=organisation")
    yield Shown("list-internal", "?group=internal")
    yield Shown("list-nothing", "?q=zebra")
    yield Shown("pick", "new")
    yield Shown("pick-search", "new?q=github")
    yield Shown("pick-custom", "new?kind=custom")
    yield Shown("connect", "new/practice")
    yield Shown("connect-registration", "new/github", _submit("Create and connect"))
    yield Shown("connect-key", "new/openai", _submit("Create and connect"))
    yield Shown("service-new", "service/new")
    yield Shown("service-key", "service/new", _choose("API key"))
    yield Shown("service-refused", "service/new", _submit("Create service"))
    yield Shown("service-edit", "service/acme-crm/edit")
    yield Shown("service-delete", "service/acme-crm/delete")
    yield Shown("registration", "service/acme-crm/registration")
    yield Shown("details", "connection/expenses")
    yield Shown("edit", "connection/expenses/edit")
    yield Shown("revoke", "connection/expenses/revoke")
    yield Shown("delete", "connection/expenses/delete")
    yield Shown("authorize", "connection/acme-visits/authorize")
    yield Shown("waiting", f"authorization/{flow}")
    yield Shown("not-found", "connection/nothing")


def _open_menu(page: Page) -> None:
    page.locator("main summary").first.click()


def _submit(words: str) -> Any:
    return lambda page: page.get_by_role("button", name=words).last.click()


def _choose(words: str) -> Any:
    return lambda page: page.get_by_text(re.compile(f"^{words}$")).click()
