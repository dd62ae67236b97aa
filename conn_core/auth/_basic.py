"""User name and password (RFC 7617)."""

import base64

from .._secret import Secret
from .._services import CredentialField, Service
from .._values import AccessToken
from ..errors import InvalidInput
from ._parts import Client, TokenSet
from ._placing import lent
from ._typed import Typed


class Basic(Typed):
    """User name and password. What a service calls them, and which of the two is the
    secret, is in its fields; their names stay ``username`` and ``password``.
    """

    _usual = (
        CredentialField(name="username", display_name="User name", secret=False),
        CredentialField(name="password", display_name="Password", optional=True),
    )

    def lend(
        self, service: Service, client: Client | None, held: TokenSet, *, now: float
    ) -> AccessToken:
        """Return both as they are sent."""
        del now
        place = {"param_type": "header", "param_name": "Authorization"}
        return lent(service, client, held, param_prefix="Basic ", **place)

    def _made_of(self, values: dict[str, Secret]) -> TokenSet:
        user, password = (
            values.pop(name, Secret("")).reveal() for name in ("username", "password")
        )
        if ":" in user:
            raise InvalidInput(
                "Nothing was stored: a user name with ':' cannot be sent",
                fields={"secret.username": "must not contain ':'"},
            )
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return TokenSet(access_token=Secret(pair), token_type="", further=values)
