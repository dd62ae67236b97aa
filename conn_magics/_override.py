"""A broker that answers for one connection itself: for users' unit tests."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conn_core import AccessToken, Connection, Secret
from conn_core.errors import ConnectionsError

from ._holder import Holder

if TYPE_CHECKING:
    from collections.abc import Sequence


class OverridingBroker:
    """Answers for one connection with a fixed token, and passes all else on.

    Args:
        holder: Lends the broker for all else; asked only when something else is wanted.
        name: The link name.
        token: The fixed token.
        base_url: What relative addresses are relative to.
        hosts: Where the token may be sent.
    """

    def __init__(
        self,
        holder: Holder,
        name: str,
        *,
        token: str,
        base_url: str,
        hosts: tuple[str, ...],
    ) -> None:
        self._below = holder.broker if holder.overridden else None
        self._holder = holder
        self._name = name
        self._token = Secret(token)
        self._base_url, self._hosts = base_url, hosts

    def access_token(
        self, name: str, *, require: "Sequence[str]" = (), rejected: int | None = None
    ) -> AccessToken:
        """Answer with the fixed token."""
        if name != self._name:
            token: AccessToken = self._real.access_token(
                name, require=require, rejected=rejected
            )
            return token
        base_url, hosts = self._target()
        return AccessToken(
            access_token=self._token,
            link_name=name,
            service_name=name,
            scopes=tuple(require),
            api_base_url=base_url,
            api_hosts=hosts,
        )

    def relay(self, name: str) -> Any:
        """Answer that requests go out from here."""
        return None if name == self._name else self._real.relay(name)

    def connection(self, name: str) -> Connection:
        """Answer that the connection is connected."""
        if name != self._name:
            found: Connection = self._real.connection(name)
            return found
        return Connection(
            link_name=name,
            name=name,
            service=name,
            service_name=name,
            status="connected",
        )

    def _target(self) -> tuple[str, tuple[str, ...]]:
        if self._base_url:
            return self._base_url, self._hosts or (urlsplit(self._base_url).netloc,)
        service = self._service()
        if service is None:
            return "", self._hosts
        return service.api_base_url, self._hosts or service.api_hosts

    def _service(self) -> Any:
        """Return the service of the real connection, or the one of the same name."""
        try:
            return self._real.service(self._real.connection(self._name).service)
        except ConnectionsError:
            pass  # the usual case in a test: there is no such connection
        try:
            return self._real.service(self._name)
        except ConnectionsError:
            return None

    @property
    def _real(self) -> Any:
        return self._below or self._holder.resolved.broker

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._real, attribute)

    def __repr__(self) -> str:
        return f"<override of {self._name!r}>"
