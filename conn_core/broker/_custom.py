"""Services that people describe: created, described anew, deleted."""

from collections.abc import Sequence

import sqlalchemy as sa

from .._drafts import ClientRegistration, read_draft
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
from ._registering import put, sealed_secret
from ._usable import refuse_unusable
from ._workshop import Workshop, described_by

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
        InvalidInput: If an address may not be used here.
        NameTaken: If there is a service of this id, or one that looks the same.
    """
    service = draft.described(owner=person)
    refuse_unusable(service, allow_loopback=workshop.settings.allow_loopback)
    if workshop.catalog.get(service.id) is not None:
        raise _taken(service, f"'{service.id}' is a service that ships")
    with workshop.store.write() as tx:
        _refuse_look_alikes(workshop, tx, service)
        now = workshop.clock()
        rows.insert_service(
            tx,
            id=service.id,
            owner=person,
            version=1,
            created_at=now,
            **_columns(service, now),
        )
        workshop.record(tx, "create service", actor=person, service_id=service.id)
    if draft.client_id:
        _register(workshop, service.id, draft, person)
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
        InvalidInput: If an address may not be used here, or a secret is missing.
        NotAllowed: If it is not the person's.
        VersionConflict: If it was changed after it was read.
    """
    row = _own(workshop, service_id, person)
    before, after = described_by(row), _renamed(draft, service_id, person)
    if version not in {None, row.version}:
        raise _changed_meanwhile(before)
    refuse_unusable(after, allow_loopback=workshop.settings.allow_loopback)
    secret_moves = before.client_facts() != after.client_facts()
    if secret_moves:
        _want_the_secret_again(workshop, before, draft)
    with workshop.store.write() as tx:
        if after.name != before.name:
            _refuse_look_alikes(workshop, tx, after)
        if _turns(before, after):
            _wipe(workshop, tx, before, person, agreed=wipe_credentials)
        columns = _columns(after, workshop.clock())
        if not rows.update_service(tx, service_id, seen=row.version, **columns):
            raise _changed_meanwhile(before)
        workshop.record(tx, "edit service", actor=person, service_id=service_id)
    if draft.client_id:
        _register(workshop, service_id, draft, person)


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


def _register(
    workshop: Workshop, service_id: str, draft: ServiceDraft, person: str
) -> None:
    secret = draft.client_secret
    registration = read_draft(
        ClientRegistration,
        {
            "client_id": draft.client_id,
            "client_secret": None if secret is None else secret.get_secret_value(),
        },
    )
    sealed = sealed_secret(workshop, service_id, registration)
    with workshop.store.write() as tx:
        put(workshop, tx, service_id, registration, sealed=sealed, person=person)


def _turns(before: Service, after: Service) -> bool:
    """Tell whether credentials would be obtained otherwise, or go elsewhere."""
    return before.security_facts() != after.security_facts() or any(
        getattr(before, name) != getattr(after, name) for name in _DECIDES
    )


def _wipe(
    workshop: Workshop,
    tx: sa.Connection,
    service: Service,
    person: str,
    *,
    agreed: bool,
) -> None:
    live = rows.live_connections(tx, service.id)
    if not live:
        return
    if not agreed:
        raise CredentialsAtStake(
            f"This changes where credentials of {service.name} go, and would end those that live: "
            f"{_named(live, person)}",
            f"Run %conn service edit {service.id} --wipe-credentials if that is meant; "
            "everybody authorizes again afterwards",
        )
    rows.wipe_credentials(tx, [row.id for row in live])
    for row in live:
        workshop.record(
            tx,
            "wipe",
            actor=person,
            connection_id=row.id,
            service_id=service.id,
            detail=f"{service.name} was described anew",
        )


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
