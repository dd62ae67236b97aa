"""The refresh engine: one refresh per generation, and none is ever lost.

A gate lets one thread of this process through, a lease in the store one process. The
lease is committed before the provider is asked, the answer before anybody gets the new
token. Writers compare the generation, so that whoever comes late changes nothing. No
error path deletes anything.
"""

import random
import time
from collections.abc import Mapping
from typing import Any

from .. import auth
from .._secret import Secret
from ..errors import (
    AuthorizationEnded,
    ConnectionsError,
    ProviderUnavailable,
    StoreUnavailable,
)
from ..store import rows
from ._credentials import definition_of, open_tokens, seal_tokens
from ._status import day
from ._workshop import CredentialPlace, Workshop

#: Longer than any token request may take, so that a lease never ends under its holder.
LEASE_SECONDS = 90
#: How long a process waits for another one's refresh; longer than a token request.
_WAIT_SECONDS = 35
_POLL_SECONDS = 0.05
#: An API that answers 401 to brand-new tokens gets no second refresh within this time.
_FORCE_COOL_DOWN = 10
_LONGEST_BACK_OFF = 300
#: How long to wait before an answer is stored again, when it could not be.
_COMMIT_PAUSES = (0.1, 0.5, 2.0, 5.0)
#: A token obtained that far in the future was obtained before the clock was put back.
_MOST_SKEW = 300


def fresh_credential(
    workshop: Workshop, row: rows.Row, *, link_name: str, rejected: int | None = None
) -> rows.Row:
    """Return a credential's row whose access token works now.

    Args:
        workshop: Store, vault and the way out.
        row: The credential as it was read.
        link_name: The connection, for errors.
        rejected: The generation that an API answered 401 to.

    Raises:
        AuthorizationEnded: If the provider ended the grant, or there is nothing to
            refresh with.
        ProviderUnavailable: If the provider does not answer and the token is expired.
    """
    if not _needs_refresh(workshop, row, rejected):
        return row
    with workshop.gates.only_one(row.id):
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            row = _read_again(workshop, row, link_name)
            if not _needs_refresh(workshop, row, rejected):
                return row
            if _must_wait_for_provider(workshop, row):
                return _still_good_or_raise(workshop, row, link_name)
            refresh_token = open_tokens(workshop, row)["refresh_token"]
            if _take_lease(workshop, row):
                return _refresh(workshop, row, refresh_token, link_name, rejected)
            if time.monotonic() > deadline:
                return _still_good_or_raise(workshop, row, link_name)
            time.sleep(_POLL_SECONDS)


def _needs_refresh(workshop: Workshop, row: rows.Row, rejected: int | None) -> bool:
    now = workshop.clock()
    if not row.refreshable:  # then it is used to its end, whatever an API says
        return row.expires_at is not None and row.expires_at <= now
    if rejected == row.generation and not _was_forced_just_now(row, now):
        return True
    if row.expires_at is None:
        return False
    if row.obtained_at - now > _MOST_SKEW:
        return True
    # Early, but not so early that a short-lived token is refreshed at every call.
    margin = min(60.0, 0.1 * (row.expires_at - row.obtained_at))
    return bool(row.expires_at - now <= margin)


def _was_forced_just_now(row: rows.Row, now: float) -> bool:
    return row.forced_at is not None and abs(now - row.forced_at) <= _FORCE_COOL_DOWN


def _read_again(workshop: Workshop, row: rows.Row, link_name: str) -> rows.Row:
    with workshop.store.read() as tx:
        found = rows.credential_row(tx, row.id)
    if found is None:
        raise replaced(link_name)
    if found.ended_at is not None:
        raise _ended(found, link_name)
    return found


def _must_wait_for_provider(workshop: Workshop, row: rows.Row) -> bool:
    if row.retry_at is None:
        return False
    # Nobody waits longer than that: a time beyond it is from before the clock was
    # put back.
    return bool(0 < row.retry_at - workshop.clock() <= auth.LONGEST_WAIT)


def _still_good_or_raise(workshop: Workshop, row: rows.Row, link_name: str) -> rows.Row:
    if row.expires_at is not None and row.expires_at > workshop.clock():
        return row
    name = definition_of(row).name
    raise ProviderUnavailable(
        f"{name} does not renew the access of '{link_name}' at the moment",
        "The authorization is kept. Run the cell again in a minute",
    )


def _take_lease(workshop: Workshop, row: rows.Row) -> bool:
    now = workshop.clock()
    with workshop.store.write() as tx:
        return rows.take_lease(
            tx, row, me=workshop.me, now=now, until=now + LEASE_SECONDS
        )


def _refresh(
    workshop: Workshop,
    row: rows.Row,
    refresh_token: Secret | None,
    link_name: str,
    rejected: int | None,
) -> rows.Row:
    """Ask the provider, commit, then hand out."""
    if refresh_token is None:
        return _end(workshop, row, link_name, "It expired and cannot be renewed.")
    asked_at = workshop.clock()
    try:
        tokens = _ask_provider(workshop, row, refresh_token)
    except auth.GrantEnded as error:
        return _end(workshop, row, link_name, f"{error.code}.")
    except ConnectionsError as error:
        return _back_off(workshop, row, error)
    _commit(
        workshop,
        row,
        tokens,
        refresh_token,
        asked_at=asked_at,
        forced=rejected is not None,
    )
    return _read_again(workshop, row, link_name)


def _ask_provider(
    workshop: Workshop, row: rows.Row, refresh_token: Secret
) -> auth.TokenSet:
    service = definition_of(row)
    request = auth.refresh_request(
        service, workshop.client_for(service), refresh_token=refresh_token
    )
    return workshop.ask_for_tokens(service, request)


def _commit(
    workshop: Workshop,
    row: rows.Row,
    tokens: auth.TokenSet,
    used: Secret,
    *,
    asked_at: float,
    forced: bool,
) -> None:
    lifetime = tokens.expires_in
    place = CredentialPlace(row.connection_id, row.id, row.holder, row.generation + 1)
    sealed = seal_tokens(
        workshop,
        tokens,
        service=definition_of(row),
        place=place,
        previous=used,
    )
    granted = tokens.scopes or rows.load_tuple(row.granted_scopes)
    values = {
        "sealed": sealed,
        "token_type": tokens.token_type,
        "granted_scopes": rows.dump(granted),
        "obtained_at": asked_at,
        "expires_at": None if lifetime is None else asked_at + lifetime,
        "forced_at": asked_at if forced else None,
    }
    for pause in _COMMIT_PAUSES:
        try:
            return _put(workshop, row, values)
        except StoreUnavailable:
            # What the provider answered cannot be asked for twice.
            time.sleep(pause)
    return _put(workshop, row, values)


def _put(workshop: Workshop, row: rows.Row, values: Mapping[str, Any]) -> None:
    with workshop.store.write() as tx:
        stored = rows.put_generation(tx, row, **values)
        workshop.record(
            tx,
            "refresh",
            actor=row.holder,
            connection_id=row.connection_id,
            result="ok" if stored else "superseded",
        )


def _end(workshop: Workshop, row: rows.Row, link_name: str, reason: str) -> rows.Row:
    """Note that the provider ended the grant; what is sealed stays."""
    # Somebody else may have won with the same token: then theirs is the answer.
    with workshop.store.read() as tx:
        now_there = rows.credential_row(tx, row.id)
    if now_there is not None and now_there.generation != row.generation:
        return now_there
    with workshop.store.write() as tx:
        rows.note_on_credential(
            tx, row, me=workshop.me, ended_at=workshop.clock(), ended_because=reason
        )
        workshop.record(
            tx,
            "refresh",
            actor=row.holder,
            connection_id=row.connection_id,
            result="ended",
            detail=reason,
        )
    return _read_again(workshop, row, link_name)


def _back_off(workshop: Workshop, row: rows.Row, error: ConnectionsError) -> rows.Row:
    """Note a failure that may pass; the next try comes later, and not for all at once."""
    failures = row.failures + 1
    delay = min(2.0**failures, _LONGEST_BACK_OFF) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load
    if isinstance(error, ProviderUnavailable):
        delay = max(delay, error.retry_after or 0)
    with workshop.store.write() as tx:
        rows.note_on_credential(
            tx,
            row,
            me=workshop.me,
            failures=failures,
            retry_at=workshop.clock() + delay,
        )
        workshop.record(
            tx,
            "refresh",
            actor=row.holder,
            connection_id=row.connection_id,
            result="failed",
            detail=error.message,
        )
    if row.expires_at is not None and row.expires_at > workshop.clock():
        return row
    raise error


def replaced(link_name: str) -> AuthorizationEnded:
    """Return the error for a credential that vanished while it was in use."""
    return AuthorizationEnded(
        f"'{link_name}' was deleted or authorized anew while it was in use",
        "Run the cell again",
    )


def _ended(row: rows.Row, link_name: str) -> AuthorizationEnded:
    name = definition_of(row).name
    reason = row.ended_because.rstrip(".")
    return AuthorizationEnded(
        f"{name} no longer accepts the authorization of '{link_name}' "
        f"({reason}, last good use {day(row.obtained_at)})",
        f"Run %conn authorize {link_name}",
    )
