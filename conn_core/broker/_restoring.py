"""Putting a backup in the place of a store, also one of another deployment.

A backup holds no key. What is sealed in it opens only with the key of the deployment
that it was made of, and only under that deployment's identity.
"""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from .._settings import Settings
from ..errors import (
    Conflict,
    InvalidInput,
    StoreLocked,
    StoreUnavailable,
    Tampered,
    WrongKey,
)
from ..store import (
    Contents,
    Store,
    contents_of,
    copy_database,
    prepare_folder,
    put_in_place,
    put_key_checks,
    sealed_rows,
    take_identity,
)
from ..vault import Vault
from ._bindings import binding_of
from ._core import DATABASE, Core, open_core
from ._key_status import key_status
from ._workshop import Clock

_REPLACE = "Add --replace to move it aside and put the backup in its place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did.

    Attributes:
        aside: Where the store is that was there before; None where there was none.
        adopted: How many sealed rows of another deployment were sealed anew; None where
            it is the same deployment.
        left: Rows that do not open, as ``table name``.
        problem: Why the restored store cannot be read yet, such as a missing key.
    """

    aside: Path | None
    adopted: int | None
    left: tuple[str, ...]
    problem: StoreLocked | Tampered | None


def restore(
    settings: Settings,
    backup: Path,
    *,
    clock: Clock,
    by: str,
    replaces: bool = False,
    adopts: bool = False,
    their_key: Path | None = None,
) -> Restored:
    """Put a backup in the place of the store of these settings.

    Args:
        settings: Whose store, and where keys may be.
        backup: What `back_up_to` wrote.
        clock: Seconds since 1970.
        by: Who does it.
        replaces: A store that holds something may be moved aside.
        adopts: The backup may be another deployment's; everything is sealed anew with
            our key, under our identity.
        their_key: The key file of that deployment, where it is not ours.

    Raises:
        InvalidInput: If there is no such backup.
        Conflict: If a store that holds something is there, or another deployment's.
        StoreUnavailable: If the backup is damaged or none of ours.
        StoreLocked: If what is sealed cannot be adopted without its key.
    """
    if not backup.is_file():
        raise InvalidInput(f"There is no file {backup}", "Name a backup")
    path = settings.data_dir / DATABASE
    theirs = contents_of(backup)
    ours = _refuse_replacing(path, replaces=replaces)
    stamp = f"{datetime.fromtimestamp(clock(), UTC):%Y%m%dT%H%M%SZ}"
    prepare_folder(settings.data_dir)
    if ours is None or not ours.made or ours.deployment == theirs.deployment:
        aside = put_in_place(backup, path, stamp=stamp)
        return _without_adoption(settings, aside, clock=clock, by=by)
    if not adopts:
        raise Conflict(
            "This backup is another deployment's, and does not open under this one's "
            "identity. Nothing was changed",
            "Add --adopt to seal everything anew with this deployment's key",
        )
    adopting = path.with_name(f"{DATABASE}.adopting")
    copy_database(backup, adopting)
    try:
        adopted, left = _adopt(
            settings, adopting, their_key=their_key, clock=clock, by=by
        )
        aside = put_in_place(adopting, path, stamp=stamp)
    finally:
        for file in path.parent.glob(f"{adopting.name}*"):
            file.unlink()
    return Restored(aside=aside, adopted=adopted, left=left, problem=None)


def _refuse_replacing(path: Path, *, replaces: bool) -> Contents | None:
    """Return what is there; None where nothing is, or nothing that can be read."""
    try:
        ours = contents_of(path) if path.exists() else None
    except StoreUnavailable as error:
        if replaces:
            return None
        raise Conflict(error.message, _REPLACE) from None
    if ours is not None and ours.made and not replaces:
        raise Conflict(
            f"The store {path} holds connections, registrations or services. Nothing was "
            "changed",
            _REPLACE,
        )
    return ours


def _without_adoption(
    settings: Settings, aside: Path | None, *, clock: Clock, by: str
) -> Restored:
    store = Store.sqlite(settings.data_dir / DATABASE)
    try:
        problem = key_status(settings, store).problem
    finally:
        store.close()
    if problem is None:
        core = open_core(settings, clock=clock)
        with core.store.write() as tx:
            core.record(tx, "restore", actor=by)
        core.close()
    return Restored(aside=aside, adopted=None, left=(), problem=problem)


# --- another deployment's -------------------------------------------------------------


def _adopt(
    settings: Settings,
    adopting: Path,
    *,
    their_key: Path | None,
    clock: Clock,
    by: str,
) -> tuple[int, tuple[str, ...]]:
    with ExitStack() as stack:
        ours = open_core(settings, clock=clock)
        stack.callback(ours.close)
        theirs = _opened_with(settings, adopting, their_key=their_key, clock=clock)
        stack.callback(theirs.close)
        with theirs.store.write() as tx:
            theirs.record(tx, "adopt", actor=by, detail=ours.vault.deployment)
            sealed, left = _sealed_anew(theirs, ours.vault, tx)
            take_identity(tx, ours.vault.deployment, now=clock())
            put_key_checks(tx, ours.vault.key_checks(), now=clock())
    return sealed, left


def _opened_with(
    settings: Settings, adopting: Path, *, their_key: Path | None, clock: Clock
) -> Core:
    """Open the other deployment's copy with its own key; none is ever made for it.

    Raises:
        StoreLocked: If that key is not here.
    """
    found = settings
    if their_key is not None:
        found = replace(settings, key_file=their_key, key_wrapper=None)
    try:
        return open_core(found, clock=clock, store=Store.sqlite(adopting))
    except StoreLocked as error:
        raise type(error)(
            f"The backup's own key is needed to adopt it. {error.message}",
            "Name its key file with --their-key FILE",
        ) from None


def _sealed_anew(
    theirs: Core, vault: Vault, tx: sa.Connection
) -> tuple[int, tuple[str, ...]]:
    """Seal all rows with our key under our identity; return how many, and which not."""
    done, left = 0, []
    for table in sealed_rows.SEALED:
        for row in sealed_rows.sealed_rows(tx, table):
            name, seen = (
                sealed_rows.name_of(table, row),
                sealed_rows.sealed_of(table, row),
            )
            try:
                binding = binding_of(theirs, table, row)
                sealed = vault.seal(
                    theirs.vault.open(seen, binding=binding), binding=binding
                )
            except (Tampered, WrongKey):
                left.append(f"{table} {name}")
                continue
            done += sealed_rows.reseal(tx, table, name, seen=seen, sealed=sealed)
    return done, tuple(left)
