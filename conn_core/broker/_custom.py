"""Services that people describe: created, described anew, deleted."""

import contextlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .._names import skeleton
from .._services import ANSWERED, Service
from ..errors import (
    Conflict,
    InvalidInput,
    NameTaken,
    NotAllowed,
    Tampered,
    VersionConflict,
)
from ..store import rows
from ._at_most import refuse_more_services
from ._described import described_by
from ._ending import Ending, decides_anew, named
from ._known_services import name_of_service, service_of
from ._registering import Sealed, put, sealed
from ._usable import refuse_unusable
from ._workshop import Workshop

if TYPE_CHECKING:
    from .._service_draft import ServiceDraft


def create(workshop: Workshop, draft: "ServiceDraft", *, person: str) -> str:
    """Store a description; return the service's id.

    Raises:
        InvalidInput: If it may not be used here.
        LimitReached: If the person has described as many as they may.
        NameTaken: If there is a service of this id, or one that looks the same.
    """
    service = draft.described(owner=person)
    _refuse_what_is_not_allowed_here(workshop, service)
    registration = _registration(workshop, service, draft)
    now = workshop.clock()
    with workshop.store.write() as tx:
        refuse_more_services(workshop, tx, person)
        _refuse_taken_ids(workshop, tx, service)
        _refuse_look_alikes(workshop, tx, service)
        first = {"id": service.id, "owner": person, "version": 1, "created_at": now}
        rows.insert_service(tx, **first, **_columns(service, now))
        workshop.record(tx, "create service", actor=person, service_id=service.id)
        rows.delete_registration(tx, service.id)  # of another service, long gone
        if registration is not None:
            put(workshop, tx, service.id, registration, person=person)
    return service.id


def edit(
    workshop: Workshop,
    service_id: str,
    draft: "ServiceDraft",
    *,
    person: str,
    version: int | None,
    wipe_credentials: bool,
) -> None:
    """Store a description in the place of the one there is.

    What live credentials are bound to does not change under them: they end first. All
    else is used from the next authorization on; until then they work as they were
    authorized.

    Raises:
        CredentialsAtStake: If they would have to end, and nobody has agreed.
        InvalidInput: If it may not be used here, or a secret is missing.
        NotAllowed: If it is not the person's.
        VersionConflict: If it was changed after it was read.
    """
    row = _own(workshop, service_id, person)
    if version not in {None, row.version}:
        raise _changed_meanwhile(row)
    before, after = _read(row), _renamed(draft, service_id, person)
    _refuse_what_is_not_allowed_here(workshop, after)
    if before is None or before.client_facts() != after.client_facts():
        _want_the_secret_again(workshop, service_id, draft)
    registration = _registration(workshop, after, draft)
    if after.name != row.name:  # before anything that cannot be taken back
        with workshop.store.read() as tx:
            _refuse_look_alikes(workshop, tx, after)
    ending = None
    if before is None or decides_anew(before, after):
        ending = Ending(workshop, row, by=person, agreed=wipe_credentials)
        ending.at_provider()
    with workshop.store.write() as tx:
        if ending is not None:
            ending.here(tx)
        _describe_anew(workshop, tx, row, after)
        if registration is not None:
            put(workshop, tx, service_id, registration, person=person)


def _describe_anew(
    workshop: Workshop, tx: sa.Connection, row: rows.Row, after: Service
) -> None:
    if after.name != row.name:
        _refuse_look_alikes(workshop, tx, after)
    columns = _columns(after, workshop.clock())
    if not rows.update_service(tx, row.id, seen=row.version, **columns):
        raise _changed_meanwhile(row)
    workshop.record(tx, "edit service", actor=row.owner, service_id=row.id)


def delete(workshop: Workshop, service_id: str, *, person: str) -> None:
    """Delete a service and its client registration.

    Raises:
        Conflict: If connections use it.
        NotAllowed: If it is not the person's.
    """
    service = _own(workshop, service_id, person)
    with workshop.store.write() as tx:
        using = rows.connections_of_service(tx, service_id)
        if using:
            raise Conflict(
                f"{service.name} cannot be deleted while it is used by "
                f"{named(using, person)}",
                "They have to be deleted first, with %conn delete",
            )
        rows.delete_service(tx, service_id)
        workshop.record(tx, "delete service", actor=person, service_id=service_id)


# --- what is stored -----------------------------------------------------------------------


def _columns(service: Service, now: float) -> dict[str, object]:
    told = (service.name, service.id, service.category, service.description)
    words = (rows.folded(text) for text in told)
    return {
        "definition": service.model_dump_json(
            exclude=set(ANSWERED), exclude_defaults=True
        ),
        "name": service.name,
        "category": service.category,
        "searched": " ".join(words),
        "changed_at": now,
    }


def _read(row: rows.Row) -> Service | None:
    """Return what was described; None where somebody spoiled it."""
    with contextlib.suppress(Tampered):
        return described_by(row)
    return None


def _renamed(draft: "ServiceDraft", service_id: str, person: str) -> Service:
    """Return what a draft describes; the id stays, whatever its name became."""
    return draft.described(owner=person).model_copy(update={"id": service_id})


def _registration(
    workshop: Workshop, service: Service, draft: "ServiceDraft"
) -> Sealed | None:
    if not draft.client_id:
        return None
    from .._drafts import ClientRegistration  # noqa: PLC0415 - vends do without

    typed = ClientRegistration(
        client_id=draft.client_id, client_secret=draft.client_secret
    )
    return sealed(workshop, service, typed)


# --- what is refused ----------------------------------------------------------------------


def _refuse_what_is_not_allowed_here(workshop: Workshop, service: Service) -> None:
    refuse_unusable(
        service,
        allow_loopback=workshop.settings.allow_loopback,
        allowed_ports=workshop.settings.allowed_ports,
    )


def _own(workshop: Workshop, service_id: str, person: str) -> rows.Row:
    with workshop.store.read() as tx:
        row = rows.service_row(tx, service_id)
    if row is None:
        service = service_of(workshop, service_id)
        raise NotAllowed(
            f"{service.name} ships with this program and cannot be changed",
            f"Describe one of your own: %conn service export {service.id}, then "
            "%conn service import",
        )
    if row.owner != person:
        raise NotAllowed(
            f"{row.name} was described by {row.owner}, and only {row.owner} can change "
            "or delete it",
            f"Ask {row.owner}",
        )
    return row


def _changed_meanwhile(row: rows.Row) -> VersionConflict:
    return VersionConflict(
        f"{row.name} was changed by somebody else in the meantime",
        "Look at it again, then change it",
    )


def _refuse_taken_ids(workshop: Workshop, tx: sa.Connection, service: Service) -> None:
    """Refuse the id of a service that ships, or did as long as connections last."""
    if workshop.catalog.get(service.id) is not None:
        raise _taken(service, f"'{service.id}' is a service that ships")
    is_new = rows.service_row(tx, service.id) is None
    if is_new and rows.connections_of_service(tx, service.id):
        raise _taken(service, f"connections use a service '{service.id}' that is gone")


def _refuse_look_alikes(
    workshop: Workshop, tx: sa.Connection, service: Service
) -> None:
    """Refuse a name that people would take for another service's."""
    mine = skeleton(service.name)
    known = (*rows.service_names(tx).items(), *workshop.catalog.names())
    for service_id, name in known:
        if service_id != service.id and skeleton(name) == mine:
            like = name_of_service(workshop, service_id)
            raise _taken(service, f"it reads like {like}, which there is already")


def _taken(service: Service, why: str) -> NameTaken:
    return NameTaken(
        f"The name '{service.name}' cannot be taken: {why}",
        "Choose another name",
        fields={"name": f"cannot be taken: {why}"},
    )


def _want_the_secret_again(
    workshop: Workshop, service_id: str, draft: "ServiceDraft"
) -> None:
    """Refuse to send a secret elsewhere than whoever typed it saw."""
    secret = draft.client_secret
    if secret is not None and secret.get_secret_value():
        return
    with workshop.store.read() as tx:
        row = rows.registration_row(tx, service_id)
    if row is not None and row.sealed_secret is not None:
        reason = "must be entered again: where it is sent has changed"
        raise InvalidInput(
            f"Nothing was stored: client_secret {reason}",
            fields={"client_secret": reason},
        )
