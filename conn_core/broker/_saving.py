"""Keeping what a provider answered: it cannot be asked for twice."""

import base64
import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from .. import auth
from .._failpoints import reach
from .._secret import Secret
from ..errors import StoreUnavailable, Tampered
from ..store import leases, rows
from ..vault import is_same_secret
from ._credentials import (
    CredentialPlace,
    credential_binding,
    definition_of,
    seal_tokens,
)
from ._goodbye import give_back
from ._marks import marks_of
from ._spill import Kept, Spill
from ._workshop import Workshop

_log = logging.getLogger("conn_core")
#: How long to wait before an answer is offered to the store again.
_PAUSES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0)


def save(
    workshop: Workshop,
    row: rows.Row,
    tokens: auth.TokenSet,
    *,
    used: Secret | None,
    asked_at: float,
    forced: bool,
) -> None:
    """Commit the next generation; nobody gets its token before that.

    A store that does not take it is asked again and again. Meanwhile the answer is in a
    sealed file, where whoever needs the credential next finds it.

    Args:
        workshop: Store and vault.
        row: The credential as it was when the provider was asked.
        tokens: What it answered.
        used: The refresh token it was asked with.
        asked_at: When, seconds since 1970.
        forced: It was because an API said 401.

    Raises:
        StoreUnavailable: If the store took nothing for too long.
    """
    lifetime = tokens.expires_in
    granted = tokens.scopes or rows.load_tuple(row.granted_scopes)
    values = {
        "token_type": tokens.token_type,
        "granted_scopes": rows.dump(granted),
        "obtained_at": asked_at,
        "expires_at": None if lifetime is None else asked_at + lifetime,
        "grant_dies_at": _dies_at(row, tokens, asked_at),
        "forced_at": asked_at if forced else None,
    }
    sealed, marks = _seal(workshop, row, tokens, used), marks_of(workshop, tokens)
    _commit(workshop, row, tokens, _Next(sealed, values, marks=marks))


def _dies_at(row: rows.Row, tokens: auth.TokenSet, asked_at: float) -> float | None:
    """Return when the grant dies if nobody renews; what was said once stands.

    A provider that says nothing this time has not taken back what it said before, but
    where it rotates each refresh token lives anew.
    """
    dies_at = auth.dies_at(
        definition_of(row),
        renewed_at=asked_at,
        refresh_expires_in=tokens.refresh_expires_in,
    )
    if dies_at is None and tokens.refresh_token is None:
        return None if row.grant_dies_at is None else float(row.grant_dies_at)
    return dies_at


def keep_refresh_token(
    workshop: Workshop,
    row: rows.Row,
    held: auth.TokenSet,
    refresh_token: Secret,
    *,
    because: str,
    **values: Any,
) -> None:
    """Commit a refresh token whose answer cannot be used otherwise.

    The provider may have spent the one before it. The access token stays as it was.

    Args:
        workshop: Store and vault.
        row: The credential as it was when the provider was asked.
        held: What it was asked with.
        refresh_token: What came.
        because: Why the rest cannot be used.
        values: What else to note on the row.

    Raises:
        StoreUnavailable: If the store took nothing for too long.
    """
    tokens = replace(held, refresh_token=refresh_token)
    sealed = _seal(workshop, row, tokens, held.refresh_token)
    _commit(workshop, row, tokens, _Next(sealed, values, "failed", because))


class _Next(NamedTuple):
    """What becomes the next generation of a row, and its line of history."""

    sealed: bytes
    values: Mapping[str, Any]
    result: str = "ok"
    detail: str = ""
    marks: str = ""


def _commit(
    workshop: Workshop, row: rows.Row, tokens: auth.TokenSet, following: _Next
) -> None:
    reach("refresh.before-commit")
    if not _put_in_the_end(workshop, row, following):
        _came_too_late(workshop, row, tokens, _written(row, following))
    workshop.upkeep.spill.drop(row.id)


def _seal(
    workshop: Workshop, row: rows.Row, tokens: auth.TokenSet, used: Secret | None
) -> bytes:
    return seal_tokens(
        workshop,
        tokens,
        service=definition_of(row),
        place=_next_place(row),
        previous=used,
    )


def _next_place(row: rows.Row) -> CredentialPlace:
    return CredentialPlace(row.connection_id, row.id, row.holder, row.generation + 1)


def _put_in_the_end(workshop: Workshop, row: rows.Row, following: _Next) -> bool:
    pace = workshop.upkeep.pace
    deadline = time.monotonic() + pace.store
    patience: float | None = pace.first_store
    pauses = iter(_PAUSES)
    while True:
        try:
            return _put(workshop, row, following, patience=patience)
        except StoreUnavailable:
            if patience is not None:
                workshop.upkeep.spill.keep(row.id, _written(row, following))
                _log.info("a new token waits for the store", extra={"id": row.id})
                patience = None
            if time.monotonic() >= deadline:
                raise
        time.sleep(next(pauses, _PAUSES[-1]))


def _put(
    workshop: Workshop,
    row: rows.Row,
    following: _Next,
    *,
    patience: float | None = None,
) -> bool:
    """Store the next generation; tell whether it is the one that is there now."""
    with workshop.store.write(patience=patience) as tx:
        sealed = following.sealed
        stored = leases.put_generation(tx, row, sealed=sealed, **following.values)
        # A commit whose confirmation got lost was one all the same.
        is_there = stored or _is_stored(tx, row, sealed)
        if stored or not is_there:
            workshop.record(
                tx,
                "refresh",
                actor=row.holder,
                connection_id=row.connection_id,
                result=following.result if stored else "superseded",
                detail=following.detail,
                marks=following.marks,
            )
        reach("refresh.inside-commit")
    reach("refresh.after-commit")
    return is_there


def _is_stored(tx: Any, row: rows.Row, sealed: bytes) -> bool:
    found = rows.credential_row(tx, row.id)
    # Not byte for byte: a rotation of master keys may have wrapped it again since.
    return found is not None and is_same_secret(bytes(found.sealed), sealed)


def _came_too_late(
    workshop: Workshop, row: rows.Row, tokens: auth.TokenSet, content: bytes
) -> None:
    """Keep what another's generation overtook, and end what nobody can reach any more."""
    with workshop.store.read() as tx:
        is_deleted = not leases.is_connection_there(tx, row.connection_id)
    if is_deleted:
        give_back(workshop, definition_of(row), tokens)
        return
    spill = workshop.upkeep.spill
    spill.keep(row.id, content)
    for kept in list(spill.kept(row.id)):
        if kept.content == content:
            spill.set_aside(row.id, kept)


# --- what a process that is gone, or a store that was away, left behind ---------------


def adopt(workshop: Workshop, row: rows.Row) -> bool:
    """Bring answers into the store that wait for it beside it.

    Args:
        workshop: Store and vault.
        row: The credential; its lease is ours.

    Returns:
        Whether the credential has another generation now.

    Raises:
        StoreUnavailable: If the store does not take it now either.
    """
    spill, has_moved = workshop.upkeep.spill, False
    for kept in list(spill.kept(row.id)):
        found = None if has_moved else _opened(workshop, row, kept)
        if found is not None and _put(workshop, row, found):
            spill.settle(row.id, kept)
            has_moved = True
        else:
            spill.set_aside(row.id, kept)
    return has_moved


def waiting(spill: Spill) -> Iterator[bytes]:
    """Yield what is sealed of all answers that wait beside the store."""
    for content in spill.contents():
        try:
            yield base64.b64decode(json.loads(content)["sealed"])
        except (ValueError, LookupError, TypeError):
            continue


def _written(row: rows.Row, following: _Next) -> bytes:
    written = {
        "generation": row.generation,
        **following._asdict(),
        "sealed": base64.b64encode(following.sealed).decode(),
    }
    return json.dumps(written).encode()


def _opened(workshop: Workshop, row: rows.Row, kept: Kept) -> _Next | None:
    """Read an answer if it is the one that follows on a row, and nobody changed it."""
    try:
        found = json.loads(kept.content)
        following = _Next(
            base64.b64decode(found["sealed"]),
            dict(found["values"]),
            str(found.get("result", "ok")),
            str(found.get("detail", "")),
            str(found.get("marks", "")),
        )
        if found["generation"] != row.generation:
            return None
        service, place = definition_of(row), _next_place(row)
        binding = credential_binding(service, place)
        workshop.vault.open(following.sealed, binding=binding)
    except (ValueError, LookupError, TypeError, Tampered):
        return None
    return following
