"""The audit log: one line for each thing that is done with credentials, chained.

A writer is one of a fixed number of chains, and whoever writes takes one that is free
for its transaction: SQLite always the first, many threads and replicas on PostgreSQL
one each without waiting. The chains are made once, with the key: a chain that is not
there was taken away.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import sqlalchemy as sa

from ..errors import AuditUnavailable, Tampered, WrongKey
from ..store import alone, audit_rows, rows
from ..vault import Vault
from ._chain import KEY_BYTES, NOTHING, ChainKey, same
from ._line_texts import as_columns
from ._policy import Actor

#: So many transactions can write at once.
CHAINS: Final = tuple(f"{number:02}" for number in range(32))
#: The name of the key among the deployment's own secrets.
KEY_NAME: Final = "audit"
#: What the signature of a chain becomes whose end somebody changed: it never heals.
_BROKEN: Final = "broken"

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Who acts now, for the log.

    Attributes:
        name: As whom; empty where a browser or the machine itself does something.
        by: Who it really is, where that is somebody else: ``grant:ID``, a person.
        place: The notebook or job.
    """

    name: str = ""
    by: str = ""
    place: str = ""

    @classmethod
    def as_actor(cls, actor: Actor, *, place: str) -> Self:
        """Return somebody who acts from a place."""
        by = actor.by or (f"grant:{actor.grant}" if actor.grant else "")
        return cls(name=actor.name, by=by, place=place)

    def really(self, actor: str) -> str:
        """Return who it really was, where something is written down as ``actor``'s."""
        return self.by or (self.name if self.name != actor else "")


#: Where nobody was told to act.
NOBODY: Final = Acting()


def about(connection: rows.Row | None) -> Columns:
    """Return what a line says of a connection; nothing where there is none."""
    if connection is None:
        return {}
    return {
        "connection_id": connection.id,
        "connection": connection.link_name,
        "owner": connection.owner,
        "service_id": connection.service_id,
    }


def binding_of_secret(name: str) -> Sequence[str]:
    """Return what a deployment's own secret is bound to: its row.

    A rotation of master keys opens and seals each row of ``deployment_secrets`` with
    this, as it does with other sealed rows.
    """
    return ("deployment_secrets", "sealed", name)


class Auditing:
    """Writes lines into the log, and keeps its key once it is open.

    Attributes:
        told: Called with each line's columns, in the moment of its commit.
    """

    def __init__(self) -> None:
        self._key: ChainKey | None = None
        self.told: Callable[[Columns], None] | None = None

    @property
    def opened(self) -> ChainKey | None:
        """The key of the log, where it was opened before."""
        return self._key

    def key(self, tx: sa.Connection, vault: Vault) -> ChainKey:
        """Return the key of the log.

        Raises:
            AuditUnavailable: If it is gone, or does not open.
        """
        if self._key is None:
            self._key = _opened(tx, vault)
        return self._key

    def write(self, tx: sa.Connection, vault: Vault, line: Columns) -> None:
        """Write one line in a transaction; it is there when that commits.

        Args:
            tx: A transaction that writes.
            vault: What opens the key.
            line: What it says, by column; what is missing is empty.

        Raises:
            AuditUnavailable: If the log has no key or no chain any more.
        """
        self.write_all(tx, vault, [line])

    def write_all(
        self, tx: sa.Connection, vault: Vault, lines: Sequence[Columns]
    ) -> None:
        """Write lines that belong to one transaction; see ``write``."""
        key = self.key(tx, vault)
        head = audit_rows.free_head(tx)
        if head is None:
            raise _damaged("its chains are gone")
        written = [as_columns(line) for line in lines]
        append(tx, key, head, written)
        if self.told is not None:
            _at_commit(tx, self.told, written)


def append(
    tx: sa.Connection, key: ChainKey, head: rows.Row, lines: Sequence[Columns]
) -> None:
    """Write lines after the last one of a chain whose end is held.

    A chain whose end somebody changed goes on, and stays broken: signing it anew would
    hide what was done.
    """
    number, digest, chained = head.number, head.digest, []
    for line in lines:
        number += 1
        numbered = line | {"writer": head.writer, "number": number}
        digest = key.digest_of(numbered, after=digest)
        chained.append(numbered | {"digest": digest})
    audit_rows.insert_lines(tx, chained)
    ends = {"number": number, "digest": digest}
    signature = signed_anew(key, head, ends)
    audit_rows.update_head(tx, head.writer, **ends, signature=signature)


def signed_anew(key: ChainKey, head: rows.Row, change: Columns) -> str:
    """Return the signature of a chain's end that changes; none heals a broken one."""
    before = audit_rows.as_map(head)
    is_whole = same(key.signature_of(before), head.signature)
    return key.signature_of(before | change) if is_whole else _BROKEN


def begin_log(
    tx: sa.Connection,
    vault: Vault,
    *,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> None:
    """Make the key of the log and begin its chains, unless that was done before.

    Where there are lines without a key none is made: they could not be verified any
    more, and nobody would know.
    """
    alone(tx)
    if audit_rows.deployment_secret(tx, KEY_NAME) or audit_rows.is_audited(tx):
        return
    secret = random_bytes(KEY_BYTES)
    sealed = vault.seal(secret, binding=binding_of_secret(KEY_NAME))
    audit_rows.put_deployment_secret(tx, KEY_NAME, sealed)
    key = ChainKey(secret)
    for writer in CHAINS:
        head = {"writer": writer, "number": 0, "digest": NOTHING}
        head |= {"base": 0, "base_digest": NOTHING}
        audit_rows.insert_head(tx, **head, signature=key.signature_of(head))


def _opened(tx: sa.Connection, vault: Vault) -> ChainKey:
    sealed = audit_rows.deployment_secret(tx, KEY_NAME)
    if sealed is None:
        raise _damaged("its key is gone")
    try:
        return ChainKey(vault.open(sealed, binding=binding_of_secret(KEY_NAME)))
    except (Tampered, WrongKey) as error:
        raise _damaged("its key does not open") from error


def _damaged(why: str) -> AuditUnavailable:
    return AuditUnavailable(
        f"The audit log cannot be written: {why}",
        "Bring back a backup of the store, or ask who runs this server",
    )


def _at_commit(
    tx: sa.Connection, told: Callable[[Columns], None], lines: Sequence[Columns]
) -> None:
    def tell(_: sa.Connection) -> None:
        for line in lines:
            told(line)

    sa.event.listen(tx, "commit", tell, once=True)
