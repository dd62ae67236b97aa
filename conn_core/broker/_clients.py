"""The client registrations as they are used, and what keeps their secrets in place."""

from collections.abc import Sequence

from .. import auth
from .._secret import Secret
from .._services import Service
from ..errors import RegistrationRequired
from ..store import rows
from ._known_services import known_service
from ._status import day
from ._workshop import Workshop

#: Authentication types that need a client registration.
_WITH_CLIENT = frozenset({"oauth1", "oauth2"})


def client_for(workshop: Workshop, service: Service) -> auth.Client:
    """Return the client registration with a service.

    Raises:
        RegistrationRequired: If there is none yet, or none any more.
    """
    with workshop.store.read() as tx:
        row = rows.registration_row(tx, service.id)
    if row is None:
        raise RegistrationRequired(
            f"There is no client registration with {service.name} yet",
            f"Run %conn new {service.id} and enter the client id",
        )
    ends = row.secret_expires_at
    if ends is not None and workshop.clock() >= ends:
        raise RegistrationRequired(
            f"The client secret that {service.name} made for us ended on {day(ends)}",
            f"Run %conn service register {service.id}",
        )
    secret = None
    if row.sealed_secret is not None:
        # Its blanks are open.
        described = known_service(workshop, service.id) or service
        binding = registration_binding(described, row.client_id)
        secret = Secret(
            workshop.vault.open(row.sealed_secret, binding=binding).decode()
        )
    return auth.Client(client_id=row.client_id, client_secret=secret)


def client_if_used(workshop: Workshop, service: Service) -> auth.Client | None:
    """Return the client registration where the authentication type uses one.

    Raises:
        RegistrationRequired: If there is none yet.
    """
    if service.auth_type not in _WITH_CLIENT:
        return None
    return client_for(workshop, service)


def registration_binding(service: Service, client_id: str) -> Sequence[str]:
    """Return what a client secret is bound to.

    Where people described the service also to where it is sent: whoever edits that
    in the database has it sent nowhere.
    """
    facts = service.client_facts() if service.owner else ()
    return ("registrations", "sealed_secret", service.id, client_id, *facts)
