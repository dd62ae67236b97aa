"""PyGithub: its requests go through our own session, its waiting for quota stays."""

from typing import Any

import github
from github.Auth import Auth
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    WithRequester,
)

from ._bearer import bearer
from ._by_name import ByName
from ._context import Context
from ._requests import ConnectedAdapter


def pygithub(context: Context) -> "ConnectedGithub":
    """Return a ``github.Github``.

    Args:
        context: The connection.
    """
    return ConnectedGithub(context)


class ConnectedGithub(ByName, github.Github):
    """A ``github.Github`` whose objects find the credential where they are unpacked."""

    adapter = "pygithub"

    def __init__(self, context: Context) -> None:
        self.context = context
        super().__init__(
            auth=ConnectedAuth(context),
            base_url=context.base_url,
            timeout=max(1, round(context.timeout)),
        )


class ConnectedAuth(WithRequester[Any], Auth):
    """Makes a requester send through a connection, which adds the credential.

    Every requester presents itself to its authentication, copies of it do too. Should
    PyGithub look elsewhere for its connections one day, its requests go out without a
    credential, and nowhere is one to be found.

    Args:
        context: The connection.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def token_type(self) -> str:
        """The scheme of the header."""
        return "Bearer"

    @property
    def token(self) -> str:
        """The token as it is now, for who asks; requests do not."""
        return bearer(self._context, adapter="pygithub").access_token.reveal()

    def authentication(self, headers: dict[str, Any]) -> None:
        """Add nothing: the credential is added on the way out."""

    def mask_authentication(self, headers: dict[str, Any]) -> None:
        """Mask nothing: there is nothing."""

    def withRequester(self, requester: Requester) -> "ConnectedAuth":  # noqa: N802 - PyGithub's name
        """Give a requester our connections.

        Args:
            requester: Whose authentication this is.
        """
        ours = {
            "http": _Connections(self._context, HTTPRequestsConnectionClass),
            "https": _Connections(self._context, HTTPSRequestsConnectionClass),
        }
        vars(requester).update(
            _Requester__connectionClass=ours[requester.scheme],
            _Requester__httpConnectionClass=ours["http"],
            _Requester__httpsConnectionClass=ours["https"],
        )
        return self


class _Connections:
    """Makes PyGithub's connections, with our way out below them."""

    def __init__(self, context: Context, kind: Any) -> None:
        self._context = context
        self._kind = kind

    def __call__(self, *place: Any, **options: Any) -> Any:
        made = self._kind(*place, **options)
        made.session.trust_env = False
        made.session.adapters.clear()
        made.session.mount(
            f"{made.protocol}://", ConnectedAdapter(self._context, retries=made.retry)
        )
        return made
