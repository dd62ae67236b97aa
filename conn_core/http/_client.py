"""The client in the user's hands."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import httpcore
import httpx

from ..errors import InvalidInput
from ._hang_up import Sockets
from ._source import TokenSource
from ._tls import broker_tls_context, tls_context
from ._transport import ConnectedTransport
from ._wire import POOL

if TYPE_CHECKING:
    from ..broker import Broker

#: As many hops as a browser's patience; each one passes the guard.
MAX_REDIRECTS = 5


class Connected:
    """What the sync and the async client share: a name, and no secret to show.

    Attributes:
        link_name: The connection.
    """

    link_name: str
    _label: str
    _source: TokenSource

    def __repr__(self) -> str:
        return self._label

    def __reduce__(self) -> NoReturn:
        msg = "connections cannot be serialised; open them in the worker"
        raise TypeError(msg)

    def check(self, *, require: Sequence[str] = ()) -> None:
        """Raise unless the connection can be used now, with these scopes too.

        Raises:
            ConnectionsError: What is wrong with it, and what to do.
        """
        self._source.check(require=require)


class ConnectedClient(Connected, httpx.Client):
    """An ``httpx.Client`` for one service, with the credential added on the way out.

    The credential is never in the client, a request or a response: the transport adds
    it to what goes over the wire, for the service's own hosts only.

    Args:
        source: Where tokens come from.
        timeout: Seconds to wait for a connection, and between two parts of an answer.

    Raises:
        ConnectionsError: If the connection cannot be used.
    """

    def __init__(self, source: TokenSource, *, timeout: float | None = 30.0) -> None:
        token = source.token()
        self.link_name, self._label = token.link_name, label(token)
        self._source = source
        self._sockets = Sockets()
        make_pool = functools.partial(new_pool, self._sockets)
        super().__init__(
            base_url=token.api_base_url,
            transport=ConnectedTransport(source, make_pool=make_pool),
            timeout=timeout,
            trust_env=False,
            max_redirects=MAX_REDIRECTS,
        )

    def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: Any = httpx.USE_CLIENT_DEFAULT,
        follow_redirects: Any = httpx.USE_CLIENT_DEFAULT,
    ) -> httpx.Response:
        """Send a request; see ``httpx.Client.send``.

        Raises:
            InvalidInput: If another credential is given with ``auth=``.
        """
        if auth is not httpx.USE_CLIENT_DEFAULT and auth is not None:
            raise other_credential(self.link_name)
        return super().send(
            request, stream=stream, auth=None, follow_redirects=follow_redirects
        )

    def hang_up(self) -> None:
        """End the calls that other threads wait for, and take no more."""
        self._sockets.hang_up()  # first: who waits at a closed socket is not woken
        self.close()


def connected_client(
    broker: "Broker",
    name: str,
    *,
    timeout: float | None = 30.0,
    require: Sequence[str] = (),
) -> ConnectedClient:
    """Return a client for a connection, if it can be used now.

    Args:
        broker: Who has the credentials.
        name: The connection, by link name or display name.
        timeout: Seconds to wait for a connection, and between two parts of an answer.
        require: Scopes without which every call is pointless.

    Raises:
        ConnectionsError: If it cannot be used; says why and what to do.
    """
    source = TokenSource(broker, name, require=require)
    return ConnectedClient(source, timeout=timeout)


def new_pool(
    sockets: Sockets | None = None, *, to_broker: bool = False
) -> httpcore.ConnectionPool:
    """Return a pool that opens sockets and goes through nobody's proxy.

    Args:
        sockets: Opens them.
        to_broker: They lead to our own server, whom the system's certificates vouch for.
    """
    tls = broker_tls_context() if to_broker else tls_context()
    return httpcore.ConnectionPool(ssl_context=tls, network_backend=sockets, **POOL)


def label(token: Any) -> str:
    """Return how a client shows itself."""
    return f"<connection {token.link_name!r} to {token.service_name}>"


def other_credential(link_name: str) -> InvalidInput:
    """Return the error for ``auth=``: a connection brings its own credential."""
    return InvalidInput(
        f"'{link_name}' brings its own credential, so auth= is not taken. "
        "Nothing was sent"
    )
