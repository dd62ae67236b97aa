"""Grants: permissions for jobs that run where their person is not.

A grant's bearer is 256 random bits. It is shown once and stored as SHA-256: such a text
cannot be guessed from its digest, so nothing slower is needed.
"""

import dataclasses
import hashlib
import hmac
import secrets as randomness
from typing import TYPE_CHECKING, Final

from .._job_values import Grant, IssuedGrant
from .._secret import Secret
from ..errors import (
    GrantEnded,
    GrantNotFound,
    InvalidInput,
    NotAllowed,
    StoreUnavailable,
)
from ..store import rows
from ._acting import acting
from ._directory import Directory
from ._held import HeldWorkshop
from ._policy import Actor
from ._status import day, moment
from ._uses import place_from
from ._workshop import Workshop, new_id

if TYPE_CHECKING:
    from .._job_drafts import GrantDraft

#: What a grant's bearer begins with, so that people and scanners know one.
PREFIX: Final = "jcg_"
_LONGEST_BEARER: Final = 200


def issue(
    workshop: Workshop, directory: Directory, draft: "GrantDraft", *, owner: str
) -> IssuedGrant:
    """Make a grant; its bearer is known in this moment only.

    Args:
        workshop: Store, settings and history.
        directory: What the person sees.
        draft: What the grant is for.
        owner: Whose grant it is: as whom the job will act.

    Raises:
        ConnectionNotFound: If the person sees no such connection.
        InvalidInput: If a direct grant names what is not the person's own.
        NeedsPerson: If one of them cannot be used now without a person.
    """
    named = {row.id: row for row in map(directory.usable_row, draft.connections)}
    if draft.exposure == "direct":
        _refuse_borrowed(list(named.values()), owner)
    bearer = Secret(PREFIX + randomness.token_urlsafe(32))
    grant_id = _write(workshop, draft, bearer, owner=owner, connection_ids=list(named))
    return IssuedGrant(
        grant=_grant_of_owner(workshop, grant_id, owner=owner),
        bearer=bearer,
        endpoint=workshop.settings.public_url,
    )


def _write(
    workshop: Workshop,
    draft: "GrantDraft",
    bearer: Secret,
    *,
    owner: str,
    connection_ids: list[str],
) -> str:
    """Write a grant down, and in the history of each connection; return its id."""
    now, grant_id = workshop.clock(), new_id()
    ends = now + draft.ttl.total_seconds()
    told = f"{draft.name}; {draft.exposure}, until {day(ends)}"
    with workshop.store.write() as tx:
        rows.insert_grant(
            tx,
            id=grant_id,
            name=draft.name,
            owner=owner,
            digest=_digest(bearer.reveal()),
            exposure=draft.exposure,
            created_at=now,
            expires_at=ends,
            connection_ids=connection_ids,
        )
        for each in connection_ids:
            workshop.record(
                tx, "grant.create", actor=owner, connection_id=each, detail=told
            )
    return grant_id


def grants_of(workshop: Workshop, owner: str) -> tuple[Grant, ...]:
    """Return a person's grants, the newest first; ended ones among them."""
    with workshop.store.read() as tx:
        found = rows.grants_of_owner(tx, owner)
        named = rows.names_granted(tx, [row.id for row in found])
    return tuple(_grant_from(row, named[row.id]) for row in found)


def revoke(workshop: Workshop, grant_id: str, *, owner: str) -> Grant:
    """End one of a person's grants at once; one that has ended stays as it is.

    Raises:
        GrantNotFound: If the person has none of this id.
    """
    with workshop.store.write() as tx:
        found = rows.grant_of_owner(tx, grant_id, owner=owner)
        if found is None:
            raise GrantNotFound(
                f"You have no grant with the id '{grant_id[:40]}'",
                "See %conn grant list",
            )
        if rows.revoke_grant(tx, found.id, at=workshop.clock()):
            for connection_id in rows.granted_ids(tx, found.id):
                workshop.record(
                    tx,
                    "grant.revoke",
                    actor=owner,
                    connection_id=connection_id,
                    detail=found.name,
                )
    return _grant_of_owner(workshop, grant_id, owner=owner)


def actor_of_bearer(
    workshop: Workshop, bearer: str, *, place: str = ""
) -> tuple[Actor, rows.Row]:
    """Return as whom a job acts that shows a bearer, and its grant; notes the use.

    Args:
        workshop: Store, people and history.
        bearer: What the job shows.
        place: The job or machine, as it says itself.

    Raises:
        GrantEnded: If the grant is unknown, expired or revoked, or its owner's account
            is not active any more.
        BrokerUnavailable: If it cannot be found out whether the owner is active.
    """
    found = live_grant(workshop, bearer)
    try:
        owner = acting(workshop, found.owner)
    except NotAllowed as error:
        raise _ended(
            found, f"has ended: {error.message[:1].lower()}{error.message[1:]}"
        ) from None
    with workshop.store.read() as tx:
        granted = rows.granted_ids(tx, found.id)
    acts = dataclasses.replace(
        owner,
        is_administrator=False,
        grant=found.id,
        granted=granted,
        exposure=found.exposure,
        by=f"grant:{found.id}",
    )
    where = place_from(place)
    _note_use(HeldWorkshop(workshop, acts, place=where), found, where)
    return acts, found


def live_grant(workshop: Workshop, bearer: str) -> rows.Row:
    """Return the grant that a bearer opens.

    Raises:
        GrantEnded: If it is unknown, expired or revoked.
    """
    digest = _digest(bearer[:_LONGEST_BEARER])
    with workshop.store.read() as tx:
        found = rows.grant_by_digest(tx, digest)
    if found is None or not hmac.compare_digest(found.digest, digest):
        raise GrantEnded(
            "This job's grant is not known here: it belongs to another server, or its "
            "file is damaged",
            "Run %conn grant create on the server that the job asks",
        )
    if found.revoked_at is not None:
        raise _ended(found, f"was revoked by {found.owner} on {day(found.revoked_at)}")
    if workshop.clock() >= found.expires_at:
        raise _ended(found, f"expired on {day(found.expires_at)}")
    return found


def _ended(grant: rows.Row, how: str) -> GrantEnded:
    return GrantEnded(
        f"This job's grant '{grant.name}' {how}", "Run %conn grant create"
    )


def _refuse_borrowed(named: list[rows.Row], owner: str) -> None:
    for row in named:
        if row.owner != owner:
            text = f"'{row.link_name}' belongs to {row.owner}"
            raise InvalidInput(
                f"Nothing was granted: {text}, and a grant can lend the token only of "
                "your own connections",
                "Leave --direct out: the job can use it all the same",
                fields={"exposure": text},
            )


def _note_use(workshop: Workshop, grant: rows.Row, place: str) -> None:
    """Note that a grant was used, at most once a minute; see ``_uses.note_use``."""
    now, use = workshop.clock(), (grant.id, grant.owner, place)
    if not workshop.noting.claim(use, now):
        return
    try:
        with workshop.store.write(patience=0) as tx:
            rows.note_grant_use(tx, grant.id, place=place, at=now)
            workshop.record(
                tx,
                "grant.use",
                actor=grant.owner,
                detail=f"{grant.name}: {place or 'elsewhere'}",
            )
    except StoreUnavailable:
        workshop.noting.give_back(use)


def _grant_of_owner(workshop: Workshop, grant_id: str, *, owner: str) -> Grant:
    with workshop.store.read() as tx:
        found = rows.grant_of_owner(tx, grant_id, owner=owner)
        named = rows.names_granted(tx, [grant_id])
    return _grant_from(found, named[grant_id])


def _grant_from(row: rows.Row, named: tuple[tuple[str, str], ...]) -> Grant:
    """Make the value that its owner sees; others' connections by their whole name."""
    return Grant(
        id=row.id,
        name=row.name,
        connections=tuple(
            name if owner == row.owner else f"{owner}/{name}" for owner, name in named
        ),
        owner=row.owner,
        exposure=row.exposure,
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
        revoked_at=moment(row.revoked_at),
        last_used_at=moment(row.last_used_at),
        last_used_from=row.last_used_from or "",
    )


def _digest(bearer: str) -> str:
    return hashlib.sha256(bearer.encode()).hexdigest()
