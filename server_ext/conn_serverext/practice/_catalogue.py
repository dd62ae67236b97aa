"""The practice service as a predefined service: a catalogue file."""

import json
from typing import Any, Final

from ._people import DEFAULT_SCOPES, SCOPES
from ._token import metadata
from ._world import NAME

SERVICE_ID: Final = "practice"
_FROM_METADATA: Final = (
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "revocation_endpoint",
    "registration_endpoint",
)


def service_toml(issuer: str, **changes: Any) -> str:
    """Write a catalogue file with the practice service.

    Args:
        issuer: Where the service listens, as ``PracticeService.issuer`` says.
        changes: Members of the service to write instead.

    Returns:
        TOML with one ``[[service]]`` table.
    """
    known = metadata(issuer)
    record = {
        "id": SERVICE_ID,
        "name": NAME,
        "description": "Expense reports, customers and exchange rates of an invented "
        "company, on this machine",
        "category": "Practice",
        **{name: known[name] for name in _FROM_METADATA},
        "iss_parameter_supported": True,
        "default_scopes": list(DEFAULT_SCOPES),
        "api_base_url": f"{issuer}/api",
        "api_hosts": [issuer.removeprefix("http://")],
        "test_path": "/me",
        "account_field": "name",
        "docs_url": f"{issuer}/",
    } | changes
    lines = ["[[service]]"]
    # The JSON forms of texts, flags and lists of texts are TOML, too.
    lines += [f"{name} = {json.dumps(value)}" for name, value in record.items()]
    for scope in SCOPES.values():
        lines += [
            "",
            "[[service.scopes]]",
            f"name = {json.dumps(scope.name)}",
            f"display_name = {json.dumps(scope.display_name)}",
            f"read_only = {json.dumps(scope.read_only)}",
        ]
    return "\n".join(lines) + "\n"
