"""A service that somebody describes, as a form sends it."""

from conn_core import ServiceDraft, read_draft

ACME = {
    "name": "Acme CRM",
    "description": "Read and write customers.",
    "category": "Sales",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "revocation_endpoint": "https://login.acme.example/revoke",
    "scopes": [
        {"name": "contacts.read", "display_name": "Read contacts", "read_only": True}
    ],
    "token_endpoint_auth_method": "client_secret_basic",
    "api_base_url": "https://api.acme.example/v2",
    "test_path": "/me",
    "account_field": "person.mail",
}


def draft(**changes):
    """Return what a person filled in."""
    return read_draft(ServiceDraft, ACME | changes)
