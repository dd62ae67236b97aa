"""A connection in the user's hands: a name that asks again each time."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from conn_core.errors import InvalidInput, NotAllowed

from ._holder import HOLDER, Holder
from ._opening import open_client
from ._token import Headers, Token
from ._unattended import needs_person_explained

if TYPE_CHECKING:
    import conn_core

#: How old facts may be, seconds: one look at a connection is one question.
_FACTS_LAST = 2.0


class Connection:
    """A connection: its facts, and clients that use it.

    It holds a name and what was last known, never a secret. It pickles as its name.

    Args:
        name: A link name.
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
        return self._name

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

    def headers(self) -> Headers:
        """Return request headers for another library.

        They work until the token ends, and only the allowed hosts should see them:
        nothing guards that once they are in other hands. Prefer ``client``.

        Raises:
            ConnectionsError: If the connection cannot be used, or does not put its
                credential into a header.
        """
        token = self._direct_token("headers")
        if token.param_type != "header":
            raise InvalidInput(
                f"'{self._name}' does not send its credential in a header",
                f"Use cm.connect({self._name!r})",
            )
        return Headers(
            self._name,
            name=token.param_name,
            prefix=token.param_prefix,
            secret=token.access_token,
        )

    def token(self) -> Token:
        """Return the access token: the last resort. Prefer ``client``.

        Raises:
            ConnectionsError: If the connection cannot be used, or is sealed.
        """
        token = self._direct_token("tokens")
        return Token(self._name, token.access_token, expires_at=token.expires_at)

    def _direct_token(self, what: str) -> "conn_core.AccessToken":
        if self.facts.exposure != "direct":
            raise NotAllowed(
                f"'{self._name}' is sealed: no {what} reach the notebook",
                f"Use cm.connect({self._name!r})",
            )
        with needs_person_explained(self._name):
            token: conn_core.AccessToken = self._holder.broker.access_token(self._name)
        if token.signed_by:
            raise InvalidInput(
                f"'{self._name}' signs each request: there are no {what} to hand out",
                f"Use cm.connect({self._name!r})",
            )
        return token

    def __repr__(self) -> str:
        return f"<connection {self._name!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Connection) and self._name == other._name

    def __hash__(self) -> int:
        return hash((Connection, self._name))

    def __reduce__(self) -> tuple[Any, ...]:
        return Connection, (self._name,)
