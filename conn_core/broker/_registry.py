"""Services as people see them here, and the organisation's client registrations."""

from .._drafts import ClientRegistration
from .._services import Service
from ..errors import InvalidInput
from ..store import rows
from ._workshop import Workshop


def search(
    workshop: Workshop, query: str, *, category: str | None, offset: int, limit: int
) -> tuple[tuple[Service, ...], int]:
    """Return matching services, best first, and how many there are in all."""
    found, total = workshop.catalog.search(
        query, category=category, offset=offset, limit=limit
    )
    with workshop.store.read() as tx:
        registered = rows.registered_services(tx)
    shown = tuple(_shown(workshop, s, registered=s.id in registered) for s in found)
    return shown, total


def service(workshop: Workshop, service_id: str) -> Service:
    """Return one service, with ``redirect_uri`` and ``registered`` filled in."""
    found = workshop.service(service_id)
    with workshop.store.read() as tx:
        registered = rows.registration_row(tx, service_id) is not None
    return _shown(workshop, found, registered=registered)


def _shown(workshop: Workshop, service: Service, *, registered: bool) -> Service:
    uri = workshop.redirect_uri(service.id)
    return service.model_copy(update={"redirect_uri": uri, "registered": registered})


def register_client(
    workshop: Workshop,
    service_id: str,
    registration: ClientRegistration,
    *,
    person: str,
) -> None:
    """Seal and keep a client registration.

    Raises:
        InvalidInput: If the client id changed and its secret was left out.
    """
    known = workshop.service(service_id)
    secret = registration.client_secret
    if secret is None or not secret.get_secret_value():
        sealed = _kept_secret(workshop, known.id, registration.client_id)
    else:
        binding = workshop.binding_of_registration(known.id, registration.client_id)
        sealed = workshop.vault.seal(
            secret.get_secret_value().encode(), binding=binding
        )
    with workshop.store.write() as tx:
        rows.put_registration(
            tx,
            service_id=known.id,
            client_id=registration.client_id,
            sealed_secret=sealed,
            entered_by=person,
            entered_at=workshop.clock(),
        )
        rows.forget_back_off(tx, known.id)  # what the old secret failed at may work now
        workshop.record(tx, "register", actor=person, service_id=known.id)


def _kept_secret(workshop: Workshop, service_id: str, client_id: str) -> bytes | None:
    with workshop.store.read() as tx:
        row = rows.registration_row(tx, service_id)
    if row is None or row.sealed_secret is None:
        return None
    if row.client_id != client_id:
        raise InvalidInput(
            "Nothing was stored: another client id needs its own client secret",
            fields={"client_secret": "is needed: the client id is another one"},
        )
    return bytes(row.sealed_secret)
