"""What an adapter is given: a connection, and ways to use it."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conn_core.errors import InvalidInput, Sealed

from .._holder import HOLDER, Holder
from .._unattended import needs_person_explained

if TYPE_CHECKING:
    import conn_core
    from conn_core.http import Courier, TokenSource


class Context:
    """One connection, for an adapter. Holds no secret; pickles and copies as its name.

    Args:
        link_name: The connection.
        timeout: Seconds for one request.
        require: Scopes without which every call is pointless.
        holder: Lends the broker.
    """

    def __init__(
        self,
        link_name: str,
        *,
        timeout: float = 30.0,
        require: Sequence[str] = (),
        holder: Holder = HOLDER,
    ) -> None:
        self.link_name = link_name
        self.timeout = timeout
        self._require = tuple(require)
        self._broker = holder.broker
        self._clock = holder.clock

    @property
    def facts(self) -> "conn_core.Connection":
        """What is known of the connection now: status, service, scopes, account."""
        return self._broker.connection(self.link_name)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The only hosts that the credential may be sent to."""
        return self._known().api_hosts

    @property
    def base_url(self) -> str:
        """What relative addresses are relative to; no slash at the end."""
        return self._known().api_base_url.rstrip("/")

    def check(self, url: str) -> None:
        """Raise unless the credential may be sent to this address.

        Raises:
            HostNotAllowed: If it is another host or port, or not https.
        """
        from conn_core.http import check_address

        known = self._known()
        check_address(url, link_name=known.link_name, api_hosts=known.api_hosts)

    def token(
        self, *, rejected: int | None = None, what: str = "tokens"
    ) -> "conn_core.AccessToken":
        """Return the credential as it is now: the last resort. Ask each time anew.

        ``check`` each address before it is sent there. ``access_token.reveal()`` belongs
        into the call that needs it.

        Args:
            rejected: The ``generation`` of the one that was answered 401.
            what: What the adapter hands out, for the error.

        Raises:
            Sealed: If the credential stays with the broker.
            InvalidInput: If it signs each request: then there is nothing to send.
            ConnectionsError: If it cannot be used now.
        """
        with needs_person_explained(self.link_name):
            token = self._source.token(rejected=rejected)
        if token.exposure == "sealed":
            raise Sealed.lends_nothing(self.link_name)
        if token.signed_by:
            raise InvalidInput(
                f"'{self.link_name}' signs each request: there are no {what} to hand out",
                f"Use cm.connect({self.link_name!r})",
            )
        return token

    def client(self) -> Any:
        """Return an ``httpx.Client`` of its own, for the service's hosts only."""
        from conn_core.http import ConnectedClient

        with needs_person_explained(self.link_name):
            return ConnectedClient(self._source, timeout=self.timeout)

    def async_client(self) -> Any:
        """Return an ``httpx.AsyncClient`` of its own; see ``client``."""
        from conn_core.http import ConnectedAsyncClient

        with needs_person_explained(self.link_name):
            return ConnectedAsyncClient(self._source, timeout=self.timeout)

    def session(self) -> Any:
        """Return a ``requests.Session``, for the service's hosts only."""
        from ._finding import open_adapter

        return open_adapter("requests", self)

    @cached_property
    def courier(self) -> "Courier":
        """Carries the requests of any library that can be told how to send them."""
        from conn_core.http import Courier

        self._known()
        return Courier(self._source)

    def unfit(self, adapter: str, why: str) -> InvalidInput:
        """Return the error for a connection that an adapter cannot use.

        Args:
            adapter: The adapter.
            why: What about the connection it cannot do.
        """
        name = self.link_name
        return InvalidInput(
            f"Adapter '{adapter}' does not fit '{name}': {why}",
            f"Use cm.get({name!r}).requests(), or cm.connect({name!r})",
        )

    @cached_property
    def _source(self) -> "TokenSource":
        from conn_core.http import TokenSource

        return TokenSource(
            self._broker,
            self.link_name,
            require=self._require,
            monotonic=self._clock,
        )

    def _known(self) -> "conn_core.AccessToken":
        with needs_person_explained(self.link_name):
            return self._source.token()

    def __repr__(self) -> str:
        return f"<connection {self.link_name!r} for an adapter>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Context, (self.link_name,)
