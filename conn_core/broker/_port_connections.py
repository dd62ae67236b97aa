"""The port's part about connections: what there is, and who may use it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from .._values import Connection, Event, Group, Page, Status, Use

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._drafts import ConnectionDraft, ConnectionEdit


class ConnectionsPort(Protocol):
    """What every face may ask about connections, their owners and their history. See ``Broker``."""

    def connections(
        self,
        query: str = "",
        *,
        group: Group | None = None,
        service: str | None = None,
        status: Status | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Connection]:
        """List the connections the person may see, by name."""
        ...

    def connection(self, name: str) -> Connection:
        """Return one connection."""
        ...

    def create(self, draft: "ConnectionDraft") -> Connection:
        """Create a connection; it needs authorization next."""
        ...

    def internal_connection(
        self,
        service_id: str,
        *,
        scopes: Sequence[str] = (),
        parameters: Mapping[str, str] | None = None,
    ) -> Connection:
        """Return the person's internal connection of a service; made at first use.

        A built-in task uses it. Scopes it does not have yet are added, and then need
        consent; none is ever dropped here.
        """
        ...

    def edit(
        self, name: str, change: "ConnectionEdit", *, version: int | None = None
    ) -> Connection:
        """Change name or scopes; new scopes need authorization again.

        Args:
            name: The connection.
            change: What to change.
            version: The version that was read; None changes whatever is there.

        Raises:
            VersionConflict: If somebody else changed it after it was read.
        """
        ...

    def revoke(self, name: str, *, at_provider: bool = False) -> Connection:
        """Suspend at once, everywhere, reversibly.

        Args:
            name: The connection.
            at_provider: Also end the grants at the provider (RFC 7009). Enabling then
                needs a new authorization; ``notice`` says what the provider answered.
        """
        ...

    def enable(self, name: str) -> Connection:
        """Undo ``revoke``; a new authorization is needed only if the grant is gone."""
        ...

    def accept(self, name: str) -> Connection:
        """Agree to use what somebody else shares: its hosts and scopes, as they are.

        Until then using it raises ``AcceptanceRequired``, and again when it goes to
        further hosts or asks for further scopes. One's own needs no acceptance.

        Raises:
            ConnectionRevoked: If it cannot be used at present; likewise the other
                reasons that using it has.
        """
        ...

    def share(self, name: str, shared_with: Sequence[str]) -> Connection:
        """Say anew who may use a connection beside its owner; only its owner may.

        Who may use it still, and had accepted it, need not accept it again.

        Args:
            name: The connection.
            shared_with: ``*`` (everybody here), ``user:NAME`` or ``group:NAME`` each;
                nobody when empty.

        Raises:
            NotAllowed: If it is somebody else's, or the operator lets only
                administrators share with everybody.
        """
        ...

    def seal(self, name: str, *, sealed: bool = True) -> Connection:
        """Keep a connection's credential with the broker: no kernel ever gets it.

        Args:
            name: The connection.
            sealed: False gives kernels of its owner the token again.

        Raises:
            NotAllowed: If it is somebody else's, or the operator keeps everything sealed.
        """
        ...

    def transfer(self, name: str, to: str) -> Connection:
        """Make somebody else the owner; nobody's credentials go with it.

        Args:
            name: The connection.
            to: Whose it becomes; they authorize it anew.

        Returns:
            What it is by now; ``notice`` says what the provider answered.

        Raises:
            InvalidInput: If nobody of that name is here.
            LimitReached: If they have as many connections as they may.
            NameTaken: If they have one of this name.
            NotAllowed: If it is not the asking person's to give away.
        """
        ...

    def delete(self, name: str, *, keep_grant: bool = False) -> Connection:
        """Delete the connection and everybody's credentials of it.

        Args:
            name: The connection.
            keep_grant: Leave the authorization at the provider as it is.

        Returns:
            What it was; ``notice`` says what the provider answered.
        """
        ...

    def uses(self, name: str, *, limit: int = 20) -> tuple[Use, ...]:
        """Return where a connection is used, the latest first."""
        ...

    def events(self, name: str, *, limit: int = 20) -> tuple[Event, ...]:
        """Return the latest events of a connection, newest first."""
        ...
