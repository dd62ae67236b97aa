"""The one port: what every face may ask of whoever keeps the credentials.

``LocalBroker`` does the work on a store, ``RemoteBroker`` asks a server that has a
``LocalBroker``. Whoever holds a broker does not know which. It is made of parts, as both
of them are; what is here is to authorize a connection, and to use it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from .._values import (
    AccessToken,
    AskedWay,
    Authorization,
    BrokerStatus,
    Connection,
    TestResult,
)
from ._port_audit import AuditPort
from ._port_connections import ConnectionsPort
from ._port_jobs import JobsPort
from ._port_services import ServicesPort

if TYPE_CHECKING:  # not paid for on the kernel's hot path
    from ._relay import Relay


class Broker(ServicesPort, ConnectionsPort, JobsPort, AuditPort, Protocol):
    """Answers "who may use what" and vends credentials, as one person.

    NAME is a link name or a display name everywhere; ``owner/link_name`` where two other
    people share one of the same link name. Every method raises
    ``ConnectionsError`` and nothing else.
    """

    def status(self) -> BrokerStatus:
        """Say where credentials come from, and as whom."""
        ...

    def authorize(
        self,
        name: str,
        *,
        flow: AskedWay = "auto",
        secret: Mapping[str, str] | None = None,
    ) -> Authorization:
        """Begin an authorization, then ask ``authorization`` how far it is.

        Args:
            name: The connection.
            flow: How consent is obtained; ``auto`` chooses, and ``why`` says why.
            secret: What the person typed into the service's credential fields, where
                no consent is needed.

        Raises:
            RegistrationRequired: If the service has no client registration yet.
            InteractionRequired: If no browser can come back from here.
        """
        ...

    def paste(self, flow: str, address: str) -> Authorization:
        """Finish an authorization with the address that the browser was sent to."""
        ...

    def authorization(self, flow: str) -> Authorization:
        """Say how far an authorization is."""
        ...

    def cancel(self, flow: str) -> None:
        """Give an authorization up."""
        ...

    def access_token(
        self, name: str, *, require: Sequence[str] = (), rejected: int | None = None
    ) -> AccessToken:
        """Vend a token that works now, refreshing it when needed.

        Args:
            name: The connection.
            require: Scopes without which the call is pointless.
            rejected: The generation an API answered 401 to. One refresh follows,
                unless somebody has refreshed since.
        """
        ...

    def relay(self, name: str) -> "Relay | None":
        """Return what carries the requests of a sealed connection.

        None where the credential is in this process: then they go out from here.
        """
        ...

    def sign(
        self,
        name: str,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> dict[str, str]:
        """Return headers that sign one request, where ``signed_by`` says ``oauth1``.

        What signs, the client secret among it, stays with the broker.

        Args:
            name: The connection.
            method: The request's method.
            url: Where it goes, with its query and without a fragment.
            headers: The request's own headers.
            body: Its body; None where it is a stream.

        Returns:
            Headers to send in the place of the request's own of the same names.

        Raises:
            HostNotAllowed: If the service's hosts do not include where it goes.
            InvalidInput: If there is nothing to sign, or this cannot be signed.
        """
        ...

    def refresh(self, name: str) -> Connection:
        """Obtain a new access token now."""
        ...

    def test(self, name: str, *, timeout: float = 10) -> TestResult:
        """Make one harmless call; never changes a token."""
        ...
