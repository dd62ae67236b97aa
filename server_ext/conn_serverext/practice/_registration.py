"""The endpoint at which an application registers itself (RFC 7591)."""

import json
from typing import Any, Final

from ._client import is_loopback_address
from ._handler import PracticeHandler

_MOST_ADDRESSES: Final = 10
_LONGEST_NAME: Final = 100
_GRANTS: Final = ("authorization_code", "refresh_token", "client_credentials")


class _NotRegistered(Exception):
    """A registration that is refused (RFC 7591 3.2.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


class RegistrationEndpoint(PracticeHandler):
    """``/oauth/register``: an application registers itself (RFC 7591)."""

    def post(self) -> None:
        """Answer with an id and a secret."""
        try:
            name, addresses = _read(self.request.body)
        except _NotRegistered as error:
            self.set_status(400)
            self.finish({"error": error.error, "error_description": str(error)})
            return
        made = self.world.clients.register(name, addresses)
        secret = made.client_secret.reveal()
        self.world.issued.append(secret)
        self.set_status(201)
        self.finish(
            {
                "client_id": made.client_id,
                "client_secret": secret,
                "client_secret_expires_at": 0,
                "client_name": made.name,
                "redirect_uris": list(made.redirect_uris),
                "grant_types": list(_GRANTS),
                "token_endpoint_auth_method": "client_secret_basic",
            }
        )


def _read(body: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        asked: Any = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise _NotRegistered("invalid_client_metadata", "The body must be JSON")
    addresses = asked.get("redirect_uris", [])
    if (
        not isinstance(addresses, list)
        or len(addresses) > _MOST_ADDRESSES
        or not all(isinstance(a, str) and is_loopback_address(a) for a in addresses)
    ):
        told = "Only addresses of this machine can be registered here"
        raise _NotRegistered("invalid_redirect_uri", told)
    name = asked.get("client_name", "An application")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
        raise _NotRegistered("invalid_client_metadata", "client_name is no name")
    return name, tuple(addresses)
