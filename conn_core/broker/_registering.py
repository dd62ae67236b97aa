"""The organisation's client registrations: typed by a person, or made by a server."""

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from pydantic import SecretStr

from .. import auth
from .._services import Service
from ..errors import InvalidInput, NotAllowed
from ..store import rows
from ._clients import registration_binding
from ._known_services import redirect_uri_of, service_of
from ._workshop import Workshop

if TYPE_CHECKING:
    from .._drafts import ClientRegistration

#: What people read on the page of a server that made a registration for us.
CLIENT_NAME = "Jupyter connections"


class Chosen(NamedTuple):
    """What a server chose that made a registration (RFC 7591 3.2.1)."""

    token_endpoint_auth_method: str | None = None
    secret_expires_at: float | None = None


#: Where a person entered it: the service's own word counts, and nothing ends by itself.
NOTHING_CHOSEN = Chosen()


class Sealed(NamedTuple):
    """A registration as it is stored."""

    client_id: str
    secret: bytes | None
    chosen: Chosen


def register_client(
    workshop: Workshop,
    service_id: str,
    registration: "ClientRegistration",
    *,
    person: str,
) -> None:
    """Seal and keep a client registration.

    Raises:
        InvalidInput: If the client id changed and its secret was left out.
        NotAllowed: If there is one already, and the service is somebody else's.
    """
    service = service_of(workshop, service_id)
    _refuse_others(workshop, service, person)
    _keep(workshop, service, registration, person=person)


def register_automatically(workshop: Workshop, service_id: str, *, person: str) -> None:
    """Let a server make a client registration for us (RFC 7591).

    Its management token is not kept: nothing here would ever use it.

    Raises:
        InvalidInput: If the service has no address for that.
        NotAllowed: If there is one already, and the service is somebody else's.
        ProviderError: If it refused.
    """
    described = service_of(workshop, service_id)
    _refuse_others(workshop, described, person)
    service = described.with_defaults()
    if service.registration_endpoint is None:
        raise InvalidInput(
            f"{service.name} does not register clients by itself",
            f"Register one by hand, then run %conn service register {service.id}",
        )
    steps = auth.register_client(
        service,
        name=CLIENT_NAME,
        redirect_uris=(redirect_uri_of(workshop, service.id),),
    )
    made = workshop.drive(steps)
    client = made.client
    secret = client.client_secret
    from .._drafts import ClientRegistration  # noqa: PLC0415 - vends do without

    registration = ClientRegistration(
        client_id=client.client_id,
        client_secret=None if secret is None else SecretStr(secret.reveal()),
    )
    chosen = Chosen(made.token_endpoint_auth_method, made.expires_at)
    _keep(workshop, described, registration, person=person, chosen=chosen)


def _refuse_others(workshop: Workshop, service: Service, person: str) -> None:
    """Let anybody enter the first registration, and only some another.

    That is the service's owner; of a service that ships, nobody is. There it is an
    administrator where there are any, else anybody.
    """
    if service.owner == person or not _is_registered(workshop, service):
        return
    if not service.owner:
        _refuse_for_administrators(workshop, service, person)
    else:
        raise NotAllowed(
            f"{service.name} was described by {service.owner}, and only {service.owner} "
            "can replace its client registration",
            f"Ask {service.owner}",
        )


def _is_registered(workshop: Workshop, service: Service) -> bool:
    with workshop.store.read() as tx:
        return rows.registration_row(tx, service.id) is not None


def _refuse_for_administrators(
    workshop: Workshop, service: Service, person: str
) -> None:
    people = workshop.people
    if people.has_administrators() and not people.is_administrator(person):
        raise NotAllowed(
            f"{service.name} is registered for everybody here, and only administrators "
            "can replace its client registration",
            "Ask an administrator",
        )


def _keep(
    workshop: Workshop,
    service: Service,
    registration: "ClientRegistration",
    *,
    person: str,
    chosen: Chosen = NOTHING_CHOSEN,
) -> None:
    kept = sealed(workshop, service, registration, chosen=chosen)
    with workshop.store.write() as tx:
        put(workshop, tx, service.id, kept, person=person)


def sealed(
    workshop: Workshop,
    service: Service,
    registration: "ClientRegistration",
    *,
    chosen: Chosen = NOTHING_CHOSEN,
) -> Sealed:
    """Return a registration as it is stored; a secret left out is the one there is.

    Args:
        workshop: Store and vault.
        service: What the secret is bound to, its blanks still open.
        registration: What was typed, or a server made.
        chosen: What that server chose.

    Raises:
        InvalidInput: If a secret was left out that belongs to another client id.
    """
    client_id, secret = registration.client_id, registration.client_secret
    if secret is None or not secret.get_secret_value():
        return _kept(workshop, service.id, client_id) or Sealed(client_id, None, chosen)
    binding = registration_binding(service, client_id)
    text = secret.get_secret_value().encode()
    return Sealed(client_id, workshop.vault.seal(text, binding=binding), chosen)


def _kept(workshop: Workshop, service_id: str, client_id: str) -> Sealed | None:
    """Return what is kept when no secret is typed; None where there is none."""
    with workshop.store.read() as tx:
        row = rows.registration_row(tx, service_id)
    if row is None or row.sealed_secret is None:
        return None
    if row.client_id != client_id:
        raise InvalidInput(
            "Nothing was stored: another client id needs its own client secret",
            fields={"client_secret": "is needed: the client id is another one"},
        )
    chosen = Chosen(row.token_endpoint_auth_method, row.secret_expires_at)
    return Sealed(client_id, bytes(row.sealed_secret), chosen)


def put(
    workshop: Workshop,
    tx: sa.Connection,
    service_id: str,
    registration: Sealed,
    *,
    person: str,
) -> None:
    """Store a registration, in a transaction of the caller's."""
    rows.put_registration(
        tx,
        service_id=service_id,
        client_id=registration.client_id,
        sealed_secret=registration.secret,
        entered_by=person,
        entered_at=workshop.clock(),
        **registration.chosen._asdict(),
    )
    rows.forget_back_off(tx, service_id)  # what the old secret failed at may work now
    workshop.record(tx, "register", actor=person, service_id=service_id)
