"""A connection in the user's hands: a name that asks again each time."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ._holder import HOLDER, Holder
from ._opening import open_client
from ._token import Token
from ._words import key_of

if TYPE_CHECKING:
    import conn_core

#: How old facts may be, seconds: one look at a connection is one question.
_FACTS_LAST = 2.0


class Connection:
    """A connection: its facts, and clients that use it.

    It holds a name and what was last known, never a secret. It pickles as its name.

    Args:
        name: A link name, or ``owner/link_name``.
        facts: What was just read, to spare a question.
        holder: Lends the broker.
    """

    def __init__(
        self,
        name: str,
        *,
        facts: "conn_core.Connection | None" = None,
        holder: Holder = HOLDER,
    ) -> None:
        self._name = name
        self._holder = holder
        self._facts = facts
        self._read_at = holder.clock() if facts else float("-inf")

    @property
    def link_name(self) -> str:
        """What code writes; never changes."""
        return self._name.rpartition("/")[2]

    @property
    def name(self) -> str:
        """What people read."""
        return self.facts.name

    @property
    def service(self) -> str:
        """The service's id."""
        return self.facts.service

    @property
    def status(self) -> str:
        """How it is: ``connected``, ``needs authorization``, ``revoked``, ``failed``."""
        return self.facts.status

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes asked for."""
        return self.facts.scopes

    @property
    def granted_scopes(self) -> tuple[str, ...]:
        """The scopes the provider gave."""
        return self.facts.granted_scopes

    @property
    def account(self) -> str | None:
        """Who the provider says we are."""
        return self.facts.account

    @property
    def expires_at(self) -> datetime | None:
        """When the authorization ends, if the provider says so."""
        return self.facts.expires_at

    @property
    def facts(self) -> "conn_core.Connection":
        """All that is known of it, at most two seconds old."""
        now = self._holder.clock()
        if self._facts is None or now - self._read_at > _FACTS_LAST:
            self._facts = self._holder.broker.connection(self._name)
            self._read_at = now
        return self._facts

    def client(self, *, timeout: float = 30.0, require: tuple[str, ...] = ()) -> Any:
        """Return an ``httpx.Client`` that keeps its token fresh.

        Args:
            timeout: Seconds for one request.
            require: Scopes without which it is pointless.

        Raises:
            ConnectionsError: If the connection cannot be used now.
        """
        return open_client(
            self._name, timeout=timeout, require=require, holder=self._holder
        )

    def async_client(
        self, *, timeout: float = 30.0, require: tuple[str, ...] = ()
    ) -> Any:
        """Return an ``httpx.AsyncClient``; see ``client``."""
        return open_client(
            self._name,
            kind="async",
            timeout=timeout,
            require=require,
            holder=self._holder,
        )

    def adapter(
        self,
        name: str,
        /,
        *,
        timeout: float = 30.0,
        require: tuple[str, ...] = (),
        **options: Any,
    ) -> Any:
        """Return the connection in the form that another library wants.

        Args:
            name: The adapter, one of ``conn_magics.adapters.adapter_names()``.
            timeout: Seconds for one request.
            require: Scopes without which it is pointless.
            options: What this adapter takes beside it.

        Raises:
            NotFound: If there is no such adapter.
            MissingPackage: If its library is not installed.
            InvalidInput: If it cannot do what this connection needs.
            ConnectionsError: If the connection cannot be used now.
        """
        from .adapters import Context, open_adapter

        context = Context(
            self._name, timeout=timeout, require=require, holder=self._holder
        )
        return open_adapter(name, context, **options)

    def requests(self, *, timeout: float = 30.0) -> Any:
        """Return a ``requests.Session``: base URL set, token kept fresh."""
        return self.adapter("requests", timeout=timeout)

    def google_credentials(self) -> Any:
        """Return ``google.auth`` credentials for Google's own libraries."""
        return self.adapter("google_credentials")

    def gspread(self) -> Any:
        """Return a ``gspread.Client``."""
        return self.adapter("gspread")

    def azure_credential(self) -> Any:
        """Return a ``TokenCredential`` for Microsoft's own libraries."""
        return self.adapter("azure_credential")

    def pygithub(self) -> Any:
        """Return a ``github.Github``."""
        return self.adapter("pygithub")

    def slack(self) -> Any:
        """Return a ``slack_sdk.WebClient``."""
        return self.adapter("slack")

    def notion(self) -> Any:
        """Return a ``notion_client.Client``."""
        return self.adapter("notion")

    def sqlalchemy_engine(self, url: Any, **options: Any) -> Any:
        """Return a SQLAlchemy engine; each database connection asks for the credential.

        Args:
            url: The address, without a password; a host of the allowed hosts.
            options: Those of ``sqlalchemy.create_engine``.
        """
        return self.adapter("sqlalchemy_engine", url=url, **options)

    def storage_options(self, protocol: str = "https") -> Any:
        """Return options for ``fsspec.open(url, **options)``.

        Args:
            protocol: ``https``.
        """
        return self.adapter("storage_options", protocol=protocol)

    def headers(self) -> Any:
        """Return request headers for another library: a mapping, fresh at each look.

        Only the allowed hosts should see them: nothing guards that once they are in
        other hands. Prefer ``client``.

        Raises:
            ConnectionsError: If the connection cannot be used, or does not put its
                credential into a header.
        """
        return self.adapter("headers")

    def token(self) -> Token:
        """Return the access token: the last resort. Prefer ``client``.

        Raises:
            ConnectionsError: If the connection cannot be used, or is sealed.
        """
        from .adapters import Context

        token = Context(self._name, holder=self._holder).token()
        return Token(self._name, token.access_token, expires_at=token.expires_at)

    def __repr__(self) -> str:
        return f"<connection {self._name!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Connection) and self._name == other._name

    def __hash__(self) -> int:
        return hash((Connection, self._name))

    def __reduce__(self) -> tuple[Any, ...]:
        return Connection, (self._name,)


def handle_of(facts: "conn_core.Connection") -> Connection:
    """Return a connection in the user's hands, of what the broker said of it.

    Args:
        facts: What was just read.
    """
    return Connection(key_of(facts), facts=facts)
