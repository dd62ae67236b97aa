"""Services that people describe: created, described anew, deleted."""

from collections.abc import Sequence

import sqlalchemy as sa

from .._drafts import ClientRegistration
from .._names import skeleton
from .._service_draft import ANSWERED, ServiceDraft
from .._services import Service
from ..errors import (
    Conflict,
    CredentialsAtStake,
    InvalidInput,
    NameTaken,
    NotAllowed,
    VersionConflict,
)
from ..store import rows
from ._described import described_by
from ._goodbye import end_grants
from ._registering import Sealed, put, sealed
from ._usable import refuse_unusable
from ._workshop import Workshop

#: What decides where a credential goes and how it is obtained, beside the addresses.
_DECIDES = (
    "auth_type",
    "grant_type",
    "credential_fields",
    "habits",
    "param_prefix",
    "parameters",
    "signature_method",
    "signing_name",
)
_MOST_NAMED = 5


def create(workshop: Workshop, draft: ServiceDraft, *, person: str) -> str:
    """Store a description; return the service's id.

    Raises:
        InvalidInput: If it may not be used here.
        NameTaken: If there is a service of this id, or one that looks the same.
    """
    service = draft.described(owner=person)
    refuse_unusable(service, allow_loopback=workshop.settings.allow_loopback)
    registration = _registration(workshop, service, draft)
    now = workshop.clock()
    with workshop.store.write() as tx:
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
    draft: ServiceDraft,
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
    before, after = described_by(row), _renamed(draft, service_id, person)
    if version not in {None, row.version}:
        raise _changed_meanwhile(before)
    refuse_unusable(after, allow_loopback=workshop.settings.allow_loopback)
    if before.client_facts() != after.client_facts():
        _want_the_secret_again(workshop, before, draft)
    registration = _registration(workshop, after, draft)
    turns = _turns(before, after)
    ended: Sequence[rows.Row] = ()
    if turns:
        ended = _end_grants(workshop, before, person, agreed=wipe_credentials)
    with workshop.store.write() as tx:
        if after.name != before.name:
            _refuse_look_alikes(workshop, tx, after)
        if turns:
            _refuse_to_end(tx, before, person, agreed=wipe_credentials)
            _wipe(workshop, tx, before, person, ended=ended)
        columns = _columns(after, workshop.clock())
        if not rows.update_service(tx, service_id, seen=row.version, **columns):
            raise _changed_meanwhile(before)
        workshop.record(tx, "edit service", actor=person, service_id=service_id)
        if registration is not None:
            put(workshop, tx, service_id, registration, person=person)


def delete(workshop: Workshop, service_id: str, *, person: str) -> None:
    """Delete a service and its client registration.

    Raises:
        Conflict: If connections use it.
        NotAllowed: If it is not the person's.
    """
    service = described_by(_own(workshop, service_id, person))
    with workshop.store.write() as tx:
        using = rows.connections_of_service(tx, service_id)
        if using:
            raise Conflict(
                f"{service.name} cannot be deleted while connections use it: "
                f"{_named(using, person)}",
                "Delete them first, with %conn delete",
            )
        rows.delete_service(tx, service_id)
        workshop.record(tx, "delete service", actor=person, service_id=service_id)


# --- what is stored -----------------------------------------------------------------------


def _columns(service: Service, now: float) -> dict[str, object]:
    told = (service.name, service.id, service.category, service.description)
    return {
        "definition": service.model_dump_json(
            exclude=set(ANSWERED), exclude_defaults=True
        ),
        "name": service.name,
        "category": service.category,
        "searched": rows.folded(" ".join(told)),
        "changed_at": now,
    }


def _renamed(draft: ServiceDraft, service_id: str, person: str) -> Service:
    """Return what a draft describes; the id stays, whatever its name became."""
    return draft.described(owner=person).model_copy(update={"id": service_id})


def _registration(
    workshop: Workshop, service: Service, draft: ServiceDraft
) -> Sealed | None:
    if not draft.client_id:
        return None
    typed = ClientRegistration(
        client_id=draft.client_id, client_secret=draft.client_secret
    )
    return sealed(workshop, service, typed)


def _turns(before: Service, after: Service) -> bool:
    """Tell whether credentials would be obtained otherwise, or go elsewhere."""
    return before.security_facts() != after.security_facts() or any(
        getattr(before, name) != getattr(after, name) for name in _DECIDES
    )


def _end_grants(
    workshop: Workshop, service: Service, person: str, *, agreed: bool
) -> Sequence[rows.Row]:
    """End live grants at the provider, as long as we know how to reach it.

    What it does not end now, it ends by itself: nothing here can use it any more.
    """
    with workshop.store.read() as tx:
        live = _refuse_to_end(tx, service, person, agreed=agreed)
    for connection in live:
        end_grants(workshop, connection, by=person)
    return live


def _wipe(
    workshop: Workshop,
    tx: sa.Connection,
    service: Service,
    person: str,
    *,
    ended: Sequence[rows.Row],
) -> None:
    """End all credentials here, and say so to each connection that had live ones."""
    meanwhile = rows.live_connections(tx, service.id)
    because = f"Ended by a change of {service.name} by {person}"
    rows.wipe_credentials(
        tx, service.id, at=workshop.clock(), by=person, because=because
    )
    for connection_id in {row.id for row in (*ended, *meanwhile)}:
        workshop.record(
            tx,
            "wipe",
            actor=person,
            connection_id=connection_id,
            service_id=service.id,
            detail=f"{because}.",
        )


def _refuse_to_end(
    tx: sa.Connection, service: Service, person: str, *, agreed: bool
) -> Sequence[rows.Row]:
    """Return the connections with live credentials, if these may end."""
    live = rows.live_connections(tx, service.id)
    if live and not agreed:
        raise CredentialsAtStake(
            f"This changes where credentials of {service.name} go, and would end those "
            f"that live: {_named(live, person)}",
            f"Run %conn service edit {service.id} --wipe-credentials if that is meant; "
            "everybody authorizes again afterwards",
        )
    return live


# --- what is refused ----------------------------------------------------------------------


def _own(workshop: Workshop, service_id: str, person: str) -> rows.Row:
    with workshop.store.read() as tx:
        row = rows.service_row(tx, service_id)
    if row is None:
        service = workshop.service(service_id)
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


def _changed_meanwhile(service: Service) -> VersionConflict:
    return VersionConflict(
        f"{service.name} was changed by somebody else in the meantime",
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
            like = workshop.service_name(service_id)
            raise _taken(service, f"it reads like {like}, which there is already")


def _taken(service: Service, why: str) -> NameTaken:
    return NameTaken(
        f"The name '{service.name}' cannot be taken: {why}",
        "Choose another name",
        fields={"name": f"cannot be taken: {why}"},
    )


def _want_the_secret_again(
    workshop: Workshop, service: Service, draft: ServiceDraft
) -> None:
    """Refuse to send a secret elsewhere than whoever typed it saw."""
    secret = draft.client_secret
    if secret is not None and secret.get_secret_value():
        return
    with workshop.store.read() as tx:
        row = rows.registration_row(tx, service.id)
    if row is not None and row.sealed_secret is not None:
        reason = "must be entered again: where it is sent has changed"
        raise InvalidInput(
            f"Nothing was stored: client_secret {reason}",
            fields={"client_secret": reason},
        )


def _named(found: Sequence[rows.Row], person: str) -> str:
    """Name a person's own connections, and count the others'."""
    own = [f"'{row.link_name}'" for row in found if row.owner == person][:_MOST_NAMED]
    more = len(found) - len(own)
    if not own:
        return f"{more} of others"
    return ", ".join(own) + (f" and {more} more" if more else "")
