"""google-auth: credentials for Google's own libraries."""

from datetime import UTC, datetime
from typing import Any

from google.auth import credentials
from google.auth.credentials import TokenState

from ._bearer import bearer
from ._by_name import ByName
from ._context import Context


def google_credentials(context: Context) -> "ConnectedCredentials":
    """Return credentials for ``build("drive", "v3", credentials=…)`` and the like.

    They hold neither a token nor a refresh token: each request asks for one. A request
    to another host than the service's is refused before it is sent.

    Args:
        context: The connection.

    Raises:
        InvalidInput: If the connection has no bearer token.
    """
    bearer(context, adapter=ConnectedCredentials.adapter)
    return ConnectedCredentials(context)


class ConnectedCredentials(ByName, credentials.Credentials):
    """Google credentials that ask the broker.

    Whether a token is fresh enough is the broker's decision: they are always valid, and
    an authorization that ended is an error of the request.
    """

    adapter = "google_credentials"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self._used: int | None = None

    @property
    def token(self) -> str:
        """The token as it is now: Google's libraries read it here."""
        return bearer(self.context, adapter=self.adapter).access_token.reveal()

    @token.setter
    def token(self, _: object) -> None:
        """Keep nothing: the base class clears it."""

    @property
    def expiry(self) -> datetime | None:
        """When the token ends, in UTC without saying so, as Google's libraries have it."""
        ends = bearer(self.context, adapter=self.adapter).expires_at
        return None if ends is None else ends.astimezone(UTC).replace(tzinfo=None)

    @expiry.setter
    def expiry(self, _: object) -> None:
        """Keep nothing, as above."""

    @property
    def expired(self) -> bool:
        """Never: the broker renews."""
        return False

    @property
    def valid(self) -> bool:
        """Always: see ``expired``."""
        return True

    @property
    def token_state(self) -> TokenState:
        """Always fresh: see ``expired``."""
        return TokenState.FRESH

    def before_request(
        self, request: Any, method: str, url: str, headers: dict[str, str]
    ) -> None:
        """Put the token into the headers of a request, if it may go there.

        Raises:
            HostNotAllowed: If the token must not be sent there.
            ConnectionsError: If the connection cannot be used now.
        """
        del request, method
        self.context.check(url.partition("#")[0])
        lent = bearer(self.context, adapter=self.adapter)
        self._used = lent.generation
        self.apply(headers, lent.access_token.reveal())

    def refresh(self, request: Any) -> None:
        """Obtain another token: the libraries call this after a 401.

        Raises:
            ConnectionsError: If there is none.
        """
        del request
        bearer(self.context, adapter=self.adapter, rejected=self._used)
