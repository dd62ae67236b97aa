"""What a person sees of rows. What holds for a whole list is found out once."""

from collections.abc import Sequence

from .._values import Connection
from ..store import rows
from ._accepting import is_accepted
from ._exposure import exposure_for
from ._known_services import name_of_its_service
from ._policy import Actor, is_borrowed
from ._status import connection_from
from ._suspending import gone_among, shown_suspended
from ._workshop import Workshop


class Sight:
    """How one person sees some rows.

    Args:
        workshop: What knows the services and the people.
        actor: Who looks.
        found: The rows.

    Raises:
        BrokerUnavailable: If it cannot be found out whose account is active.
    """

    def __init__(
        self, workshop: Workshop, actor: Actor, found: Sequence[rows.Row]
    ) -> None:
        self._actor = actor
        self._settings = workshop.settings
        one_of_each = {row.service_id: row for row in found}
        self._names = {
            service_id: name_of_its_service(workshop, row)
            for service_id, row in one_of_each.items()
        }
        lenders = {row.owner for row in found if is_borrowed(actor, row)}
        self._gone = frozenset(gone_among(workshop, lenders))

    def of(self, row: rows.Row) -> Connection:
        """Return what the person sees of one of them."""
        actor, settings = self._actor, self._settings
        shown = connection_from(
            row,
            actor=actor,
            service_name=self._names[row.service_id],
            accepted=is_accepted(row, person=actor.name) or settings.accept_shared,
            exposure=exposure_for(actor, row, settings),
        )
        if row.owner in self._gone and is_borrowed(actor, row):
            return shown_suspended(shown)
        return shown
