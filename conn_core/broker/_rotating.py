"""Another master key, while everybody goes on: add it, wrap again, let the old one go.

Only the data keys are wrapped again: no secret is opened. Whoever is killed in the
middle leaves rows of both keys, which both open, and the next run goes on from there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from .._failpoints import reach
from ..errors import Conflict, InvalidInput, Tampered, WrongKey
from ..store import (
    alone,
    forget_key_check,
    keys_noted_at,
    put_key_checks,
    rows,
    sealed_rows,
)
from ..vault import key_id_of, new_key
from ._bindings import binding_of
from ._saving import waiting
from ._workshop import Workshop

#: How many rows are wrapped again in one transaction.
BATCH = 500
#: Until then a process that does not look may still seal with the key before.
_SETTLED = 900.0
#: Rows that somebody writes meanwhile are looked at again, that often.
_PASSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation did.

    Attributes:
        key: The id of the key that everything is sealed with now.
        added: The key is new; otherwise an earlier rotation was brought to its end.
        wrapped: How many rows were wrapped again.
        left: Rows that do not open, as ``table name``; they stay as they are.
    """

    key: str
    added: bool
    wrapped: int
    left: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return it as ``--json`` shows it."""
        return asdict(self) | {"left": list(self.left)}


def rotate(workshop: Workshop, *, by: str, batch: int = BATCH) -> Rotation:
    """Seal everything with a new master key; bring an unfinished rotation to its end.

    Args:
        workshop: Store and vault.
        by: Who does it.
        batch: How many rows are wrapped again in one transaction.

    Raises:
        StoreLocked: If the new key cannot be put where the keys are.
    """
    wrapped, left = _wrap_until_done(workshop, batch)
    added = not wrapped
    if added:
        _add_key(workshop, by=by)
        wrapped, left = _wrap_until_done(workshop, batch)
    newest = workshop.vault.newest_id
    with workshop.store.write() as tx:
        detail = f"{newest}, {wrapped} rows"
        workshop.record(tx, "rotate-key", actor=by, detail=detail)
    return Rotation(key=newest, added=added, wrapped=wrapped, left=tuple(sorted(left)))


def _add_key(workshop: Workshop, *, by: str) -> None:
    vault = workshop.vault
    with workshop.store.write() as tx:
        alone(tx)
        vault.add_key(new_key())
        reach("rotate.key-added")
        put_key_checks(tx, vault.key_checks(), now=workshop.clock())
        workshop.record(tx, "add-key", actor=by, detail=vault.newest_id)


def _wrap_until_done(workshop: Workshop, batch: int) -> tuple[int, set[str]]:
    """Wrap all rows again; return how many, and which do not open."""
    wrapped, left = 0, set[str]()
    for _ in range(_PASSES):
        done, missed, left = _wrap_all(workshop, batch)
        wrapped += done
        if not missed:
            break
    return wrapped, left


def _wrap_all(workshop: Workshop, batch: int) -> tuple[int, int, set[str]]:
    """Wrap all rows again; return how many, how many escaped, and which do not open."""
    done = missed = 0
    bad: set[str] = set()
    for table, found in _batches(workshop, batch):
        wrapped = []
        for row in found:
            name, seen = (
                sealed_rows.name_of(table, row),
                sealed_rows.sealed_of(table, row),
            )
            try:
                binding = binding_of(workshop, table, row)
                again = workshop.vault.rewrapped(seen, binding=binding)
            except (Tampered, WrongKey):
                bad.add(f"{table} {name}")
            else:
                wrapped.append((name, seen, again))
        kept = _keep(workshop, table, wrapped)
        done, missed = done + kept, missed + len(wrapped) - kept
    return done, missed, bad


def _batches(
    workshop: Workshop, batch: int
) -> Iterator[tuple[str, Sequence[rows.Row]]]:
    newest = workshop.vault.newest_id
    for table in sealed_rows.SEALED:
        after = ""
        while True:
            with workshop.store.read() as tx:
                found = sealed_rows.sealed_rows(
                    tx, table, after=after, other_than=newest, limit=batch
                )
            if not found:
                break
            yield table, found
            after = sealed_rows.name_of(table, found[-1])


def _keep(
    workshop: Workshop, table: str, wrapped: list[tuple[str, bytes, bytes]]
) -> int:
    """Store what is still as it was seen; a refresh that came between has the say."""
    kept = 0
    with workshop.store.write() as tx:
        for name, seen, again in wrapped:
            reach("rotate.row")
            kept += sealed_rows.reseal(tx, table, name, seen=seen, sealed=again)
        reach("rotate.inside-batch")
    reach("rotate.batch-kept")
    return kept


def retire(workshop: Workshop, key: str, *, by: str, at_once: bool = False) -> str:
    """Take a master key away that nothing is sealed with any more.

    Args:
        workshop: Store and vault.
        key: The id of the key, or its beginning.
        by: Who does it.
        at_once: No other process is left that may still seal with it.

    Returns:
        The id of the key.

    Raises:
        InvalidInput: If no key has that id, or several have.
        Conflict: If it is the newest, rows are sealed with it, or others may do so yet.
        StoreLocked: If it cannot be taken away.
    """
    kid = _meant(workshop, key)
    with workshop.store.write() as tx:
        alone(tx)
        _refuse_used(workshop, tx, kid)
        if not at_once:
            _refuse_young(workshop, tx)
        workshop.vault.drop_key(kid)
        forget_key_check(tx, kid)
        workshop.record(tx, "retire-key", actor=by, detail=kid)
    return kid


def _meant(workshop: Workshop, key: str) -> str:
    with workshop.store.read() as tx:
        known = {*workshop.vault.key_ids, *keys_noted_at(tx)}
    meant = [kid for kid in known if key and kid.startswith(key.lower())]
    if len(meant) != 1:
        raise InvalidInput(
            f"{'No' if not meant else 'More than one'} key has an id that begins with "
            f"'{key[:20]}'",
            "Run jupyter connections key status",
        )
    return meant[0]


def _refuse_used(workshop: Workshop, tx: sa.Connection, kid: str) -> None:
    if kid == workshop.vault.newest_id:
        raise Conflict(
            f"The key {kid} is the newest: everything new is sealed with it",
            "Run jupyter connections key rotate",
        )
    used = sum(sealed_rows.rows_by_key(tx).get(kid, {}).values())
    used += waiting_by_key(workshop).get(kid, 0)
    if used:
        raise Conflict(
            f"The key {kid} is in use: {used} row{'s are' if used > 1 else ' is'} sealed "
            "with it. Nothing was taken away",
            "Run jupyter connections key rotate, then jupyter connections doctor",
        )


def _refuse_young(workshop: Workshop, tx: sa.Connection) -> None:
    noted = keys_noted_at(tx).get(workshop.vault.newest_id)
    age = _SETTLED if noted is None else abs(workshop.clock() - noted)
    if age < _SETTLED:
        raise Conflict(
            f"The newest key is {round(age / 60)} minutes old, and other processes may "
            "seal with the key before it for a quarter of an hour",
            "Try again later, or with --at-once where nothing else runs",
        )


def waiting_by_key(workshop: Workshop) -> dict[str, int]:
    """Count the answers of providers that wait beside the store, by key id."""
    ids = (key_id_of(sealed) for sealed in waiting(workshop.upkeep.spill))
    return dict(Counter(kid for kid in ids if kid is not None))
