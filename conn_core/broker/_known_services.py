"""The services that are known here: those that people described, and those that ship."""

from collections.abc import Collection
from urllib.parse import urlsplit

from .._names import closest
from .._services import Service
from .._urls import is_loopback, split_host_pattern
from ..errors import InvalidInput, ServiceNotFound
from ..store import rows
from ._described import described_by
from ._workshop import Workshop

_USUAL_ADDRESS = "http://127.0.0.1:8888/connections/"


def service_of(workshop: Workshop, service_id: str) -> Service:
    """Return a service by id.

    Raises:
        ServiceNotFound: If there is none.
    """
    found = known_service(workshop, service_id)
    if found is None:
        raise _no_service(workshop, service_id)
    return found


def known_service(workshop: Workshop, service_id: str) -> Service | None:
    """Return a service by id, None where there is none.

    One that people described here wins over one that ships: connections to it are
    older than the release that brought another of the same id.
    """
    with workshop.store.read() as tx:
        row = rows.service_row(tx, service_id)
    return workshop.catalog.get(service_id) if row is None else described_by(row)


def _no_service(workshop: Workshop, service_id: str) -> ServiceNotFound:
    with workshop.store.read() as tx:
        described = rows.service_names(tx)
    shown = service_id[:80]
    like = closest(shown, [*described, *workshop.catalog.ids()])
    guess = f". Did you mean '{like}'?" if like else ""
    return ServiceNotFound(
        f"There is no service called '{shown}'{guess}", "See %conn services"
    )


def name_of_service(workshop: Workshop, service_id: str) -> str:
    """Return a service's display name; its id where it is gone."""
    return names_of_services(workshop, [service_id])[service_id]


def name_of_its_service(workshop: Workshop, connection: rows.Row) -> str:
    """Return the display name of a connection's service; its id where it is gone.

    Args:
        workshop: What knows the services that ship.
        connection: Its row, as somebody sees it.
    """
    service_id: str = connection.service_id
    return connection.described_as or _shipped_name(workshop, service_id)


def names_of_services(
    workshop: Workshop, service_ids: Collection[str]
) -> dict[str, str]:
    """Return services' display names by id; the id where one is gone."""
    with workshop.store.read() as tx:
        described = rows.service_names(tx, service_ids)
    return {s: described.get(s) or _shipped_name(workshop, s) for s in service_ids}


def _shipped_name(workshop: Workshop, service_id: str) -> str:
    found = workshop.catalog.get(service_id)
    return service_id if found is None else found.name


def filled_service(
    workshop: Workshop, service_id: str, parameters: dict[str, str]
) -> Service:
    """Return a service with its blanks filled, if it may be used here.

    Raises:
        InvalidInput: If a blank cannot be filled so, or the service lives on this
            machine and the operator does not allow that.
    """
    try:
        known = _as_registered(workshop, service_of(workshop, service_id))
        service = known.filled(parameters)
    except ValueError as error:
        if isinstance(error, InvalidInput):
            raise
        reason = str(error)
        raise InvalidInput(
            f"Nothing was stored: {reason}", fields={"parameters": reason}
        ) from None
    if not workshop.settings.allow_loopback:
        _refuse_this_machine(service)
    return service


def _as_registered(workshop: Workshop, service: Service) -> Service:
    """Return a service as its client was registered.

    A server that makes registrations may choose how it wants to see the client
    (RFC 7591 3.2.1).
    """
    with workshop.store.read() as tx:
        row = rows.registration_row(tx, service.id)
    if row is None or row.token_endpoint_auth_method is None:
        return service
    chosen = {"token_endpoint_auth_method": row.token_endpoint_auth_method}
    return service.model_copy(update=chosen)


def redirect_uri_of(workshop: Workshop, service_id: str) -> str:
    """Return what must be registered with a service, and is sent to it.

    Where no server says its own address it is that of most: nothing need answer
    there, for its address is what is pasted.
    """
    base = workshop.settings.public_url or _USUAL_ADDRESS
    return f"{base}callback/{service_id}"


def _refuse_this_machine(service: Service) -> None:
    hosts = [split_host_pattern(pattern)[0] for pattern in service.api_hosts]
    hosts += [urlsplit(url).hostname or "" for url in service.endpoints]
    if any(is_loopback(host) for host in hosts):
        raise InvalidInput(
            f"{service.name} lives on this machine, and that is not allowed here",
            "An operator allows it with c.Connections.allow_loopback = True",
            fields={"service": "lives on this machine, and that is not allowed here"},
        )
