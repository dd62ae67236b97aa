"""The end of a service's live credentials, when what they are bound to changes.

A credential never goes where it was not authorized for: its addresses are sealed with
it. So a service that is described anew ends those that there are, at the provider and
here, and everybody authorizes again. What decides nothing of that ends none: name and
words, scopes, category and test path.
"""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from .._services import Service
from ..errors import CredentialsAtStake
from ..store import rows
from ._goodbye import end_grants
from ._workshop import Workshop

#: What decides how a credential is obtained and sent, beside the addresses.
_DECIDES: Final = (
    "auth_type",
    "grant_type",
    "issuer",
    "iss_parameter_supported",
    "credential_fields",
    "habits",
    "param_prefix",
    "parameters",
    "signature_method",
    "signing_name",
)
_MOST_NAMED: Final = 5


def decides_anew(before: Service, after: Service) -> bool:
    """Tell whether credentials would be obtained otherwise, or go elsewhere."""
    return before.security_facts() != after.security_facts() or any(
        getattr(before, name) != getattr(after, name) for name in _DECIDES
    )


class Ending:
    """The end of a service's credentials: agreed to, told to the provider, written down.

    Args:
        workshop: Store, vault and the way out.
        service: The service's row, as they were authorized.
        by: Who changes it.
        agreed: They know that it ends credentials.
    """

    def __init__(
        self, workshop: Workshop, service: rows.Row, *, by: str, agreed: bool
    ) -> None:
        self._workshop = workshop
        self._service = service
        self._by = by
        self._agreed = agreed
        self._began = workshop.clock()
        self._told: Sequence[rows.Row] = ()

    def at_provider(self) -> None:
        """End live grants at the provider, as long as we know how to reach it.

        What it does not end now nobody here can use any more.

        Raises:
            CredentialsAtStake: If there are some, and nobody has agreed.
        """
        with self._workshop.store.read() as tx:
            self._told = self._live(tx)
        for connection in self._told:
            end_grants(self._workshop, connection, by=self._by)

    def here(self, tx: sa.Connection) -> None:
        """End all credentials here, and say so to each connection that had live ones.

        Raises:
            CredentialsAtStake: If there are some by now, and nobody has agreed.
        """
        live = self._live(tx)
        because = f"Ended by a change of {self._service.name} by {self._by}"
        rows.wipe_credentials(
            tx,
            self._service.id,
            since=self._began,
            at=self._workshop.clock(),
            by=self._by,
            because=because,
        )
        for connection_id in sorted({row.id for row in (*self._told, *live)}):
            self._workshop.record(
                tx,
                "wipe",
                actor=self._by,
                connection_id=connection_id,
                service_id=self._service.id,
                detail=f"{because}.",
            )

    def _live(self, tx: sa.Connection) -> Sequence[rows.Row]:
        """Return the connections with live credentials, if these may end."""
        live = rows.live_connections(tx, self._service.id)
        if live and not self._agreed:
            name = self._service.name
            raise CredentialsAtStake(
                f"This changes where credentials of {name} go, and would end those of "
                f"{named(live, self._by)}",
                f"Run %conn service edit {self._service.id} --wipe-credentials if that "
                "is meant; everybody authorizes again afterwards",
            )
        return live


def named(connections: Sequence[rows.Row], person: str) -> str:
    """Name a person's own connections, and count the others'."""
    own = [f"'{row.link_name}'" for row in connections if row.owner == person]
    shown = own[:_MOST_NAMED]
    more = len(connections) - len(shown)
    if not shown:
        return f"{more} connection{'s' * (more != 1)} of others"
    return ", ".join(shown) + (f" and {more} more" if more else "")
