"""Who is asking the service: a person of the hub, or whom a trusted proxy names."""

import hashlib
from collections.abc import Awaitable, Sequence
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.identity import IdentityProvider, User
from tornado import web

from conn_core import Secret
from conn_core.errors import NotAllowed

if TYPE_CHECKING:  # stand-alone it need not be installed
    from jupyterhub.services.auth import HubOAuth
    from tornado.httputil import HTTPServerRequest

_TOKEN_SCHEMES: Final = frozenset({"bearer", "token"})


class HubIdentity(IdentityProvider):  # type: ignore[misc]  # untyped base
    """A person of the hub: by the token of their server, or logged in with the hub.

    Args:
        auth: What asks the hub.
    """

    def __init__(self, auth: "HubOAuth") -> None:
        super().__init__()
        self.hub_auth = auth

    def get_user(self, handler: Any) -> "User | Awaitable[User | None]":
        """Return the person, None where the hub knows no such token.

        Raises:
            BrokerUnavailable: If the hub does not answer.
            NotAllowed: If this is no person, or may not use this service.
        """
        found = self.recalled(handler.request)
        if found is None:
            return self._asked(handler)
        handler._token_authenticated = True  # noqa: SLF001 - as hub_auth says it
        return found

    def recalled(self, request: "HTTPServerRequest") -> User | None:
        """Return whose token a request shows, if the hub said so a moment ago.

        None where it has to be asked: also for all that shows something beside.

        Raises:
            NotAllowed: If this is no person, or may not use this service.
        """
        auth, headers = self.hub_auth, request.headers
        shown = auth.auth_header_pat.match(headers.get(auth.auth_header_name, ""))
        if shown is None or request.query or "Cookie" in headers:
            return None
        digest = hashlib.sha256(shown.group(1).encode("utf8", "replace")).hexdigest()
        model = auth.cache.get(f"token::{digest}")  # as user_for_token keeps it
        return None if model is None else self._admitted(model)

    async def _asked(self, handler: Any) -> User | None:
        from ._hub import silent_hub  # noqa: PLC0415 - stand-alone there is no hub

        try:
            model = await self.hub_auth.get_user(handler, sync=False)
        except web.HTTPError:
            raise silent_hub() from None
        return None if model is None else self._admitted(model)

    def is_token_authenticated(self, handler: Any) -> bool:
        """Tell whether a token in a header said who it is, not a browser's cookie."""
        return bool(getattr(handler, "_token_authenticated", False))

    def _admitted(self, model: dict[str, Any]) -> User:
        # A service of the hub may be called like a person.
        if model.get("kind") != "user":
            raise NotAllowed("Only people have connections, and this is no person")
        if not self.hub_auth.check_scopes(self.hub_auth.access_scopes, model):
            raise NotAllowed(
                "Your account on this hub may not use connections",
                "Ask for the scope access:services!service=connections",
            )
        return User(username=model["name"])


class ProxyIdentity(IdentityProvider):  # type: ignore[misc]  # untyped base
    """Whom a proxy names in a header, if it is the proxy.

    A header alone proves nothing. The request has to come from the proxy's address, as
    the socket says it, and to show the secret that only the proxy knows.

    Args:
        user_header: Names the person.
        networks: From where the proxy connects.
        secret_header: Shows the secret.
        secret: The secret.
    """

    def __init__(
        self,
        *,
        user_header: str,
        networks: Sequence[str],
        secret_header: str,
        secret: Secret,
    ) -> None:
        super().__init__()
        self._user_header = user_header
        self._networks = tuple(ip_network(network) for network in networks)
        self._secret_header = secret_header
        self._secret = secret

    def get_user(self, handler: Any) -> User | None:
        """Return the person, None where the proxy names nobody, or it is not the proxy."""
        return self.recalled(handler.request)

    def recalled(self, request: "HTTPServerRequest") -> User | None:
        """Return the same of a request: nobody has to be asked."""
        named = request.headers.get_list(self._user_header)
        # Twice means that what a caller sent went through beside what the proxy says.
        if len(named) != 1 or not named[0].strip() or not self._is_proxy(request):
            return None
        return User(username=named[0].strip())

    def is_token_authenticated(self, handler: Any) -> bool:
        """Tell whether the caller showed the proxy a token: no page of others can."""
        headers = handler.request.headers
        scheme = headers.get("Authorization", "").partition(" ")[0].lower()
        return scheme in _TOKEN_SCHEMES and "Cookie" not in headers

    def _is_proxy(self, request: Any) -> bool:
        shown = request.headers.get(self._secret_header, "")
        try:
            peer = ip_address(request.remote_ip)
        except ValueError:  # a Unix socket has no address
            return False
        return any(peer in network for network in self._networks) and (
            self._secret.same_as(shown)
        )
