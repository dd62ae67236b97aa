"""The applications that are registered: the first one, and those that register themselves."""

import secrets
from typing import Final

from conn_core import Secret

from ._client import PracticeClient, credentials_in

_MOST: Final = 100


class Clients:
    """The registered applications, by their ids.

    Args:
        first: The one that is there from the start.
    """

    def __init__(self, first: PracticeClient) -> None:
        self.first = first
        self._known = {first.client_id: first}

    def find(self, client_id: str | None) -> PracticeClient | None:
        """Return an application, None where it is not registered."""
        return self._known.get(client_id or "")

    def proved(self, header: str | None, form: dict[str, str]) -> PracticeClient:
        """Return the application that proves who it is.

        Raises:
            ClientRefused: If it does not.
        """
        shown = credentials_in(header, form)
        known = self._known.get(shown[0], self.first)
        known.prove(shown)
        return known

    def register(self, name: str, redirect_uris: tuple[str, ...]) -> PracticeClient:
        """Register an application (RFC 7591 3)."""
        made = PracticeClient(
            client_id=f"practice-{secrets.token_hex(8)}",
            client_secret=Secret(secrets.token_urlsafe(32)),
            name=name,
            redirect_uris=redirect_uris,
        )
        if len(self._known) >= _MOST:  # in memory, and anybody may register
            self._known.pop(next(i for i in self._known if i != self.first.client_id))
        self._known[made.client_id] = made
        return made
