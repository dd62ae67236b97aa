"""The statements of the audit log: its lines, the ends of its chains, and its key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ._tables import audit, audit_heads, deployment_secrets
from ._texts import Row, is_nobodys

#: What a line says, in the order in which it is sealed into its chain.
SAID: Final = (
    "writer",
    "number",
    "at",
    "actor",
    "by",
    "action",
    "connection_id",
    "connection",
    "owner",
    "service_id",
    "place",
    "host",
    "method",
    "path",
    "status",
    "bytes",
    "milliseconds",
    "result",
    "detail",
)
_SEARCHED: Final = (
    "actor",
    "by",
    "action",
    "connection",
    "owner",
    "service_id",
    "place",
    "host",
    "method",
    "path",
    "result",
    "detail",
)
#: So many lines are looked at in one statement.
_AT_ONCE: Final = 5_000


def longest(column: str) -> int:
    """Return how many characters a text of a line may have."""
    return int(getattr(audit.c[column].type, "length", 0) or 0)


# --- the key --------------------------------------------------------------------------


def deployment_secret(tx: sa.Connection, name: str) -> bytes | None:
    """Return a key of the deployment's own, sealed; None where there is none."""
    mine = deployment_secrets.c.name == name
    found = tx.execute(sa.select(deployment_secrets.c.sealed).where(mine)).scalar()
    return None if found is None else bytes(found)


def put_deployment_secret(tx: sa.Connection, name: str, sealed: bytes) -> None:
    """Store a key of the deployment's own for the first time."""
    tx.execute(deployment_secrets.insert().values(name=name, sealed=sealed))


def is_audited(tx: sa.Connection) -> bool:
    """Tell whether anything was ever written down here."""
    return any(
        tx.execute(sa.select(table.c.writer).limit(1)).first() is not None
        for table in (audit, audit_heads)
    )


# --- writing --------------------------------------------------------------------------


def insert_head(tx: sa.Connection, **values: Any) -> None:
    """Begin a chain."""
    tx.execute(audit_heads.insert().values(**values))


def free_head(tx: sa.Connection) -> Row | None:
    """Return the end of a chain that nobody else is writing, and hold it.

    PostgreSQL's writers pass each other by; where all chains are being written they
    wait for the first. SQLite has one writer at a time. None where no chain was begun.
    """
    found = sa.select(audit_heads).order_by(audit_heads.c.writer).limit(1)
    free = tx.execute(found.with_for_update(skip_locked=True)).first()
    return free or tx.execute(found.with_for_update()).first()


def held_head(tx: sa.Connection, writer: str) -> Row | None:
    """Return the end of one chain, and hold it."""
    mine = audit_heads.c.writer == writer
    return tx.execute(sa.select(audit_heads).where(mine).with_for_update()).first()


def insert_lines(tx: sa.Connection, lines: Sequence[Mapping[str, Any]]) -> None:
    """Write lines; nothing ever changes one."""
    tx.execute(audit.insert(), list(lines))


def update_head(tx: sa.Connection, writer: str, **values: Any) -> None:
    """Say where a chain ends, or begins, now."""
    mine = audit_heads.c.writer == writer
    tx.execute(audit_heads.update().where(mine).values(**values))


def as_map(row: Row) -> dict[str, Any]:
    """Return a row's values by column."""
    return dict(row._mapping)  # noqa: SLF001 - a row's public view


# --- reading --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLines:
    """Which lines are asked for.

    Attributes:
        seen_by: Only what this person did, or was done with what is theirs; None for
            everything.
        words: Each is somewhere in the line.
        connection_id: Only of this connection.
        link_name: Only of a connection of this link name.
        owner: Only of this person's connections.
        person: Only by this person.
        action: Only this.
    """

    seen_by: str | None
    words: tuple[str, ...] = ()
    connection_id: str | None = None
    link_name: str | None = None
    owner: str | None = None
    person: str | None = None
    action: str | None = None


def page_of_lines(
    tx: sa.Connection, wanted: WantedLines, *, before: int | None, limit: int
) -> Sequence[Row]:
    """Return lines, the latest first.

    Args:
        tx: A transaction that reads.
        wanted: Which.
        before: Only what was written before this one.
        limit: How many at most.
    """
    if any(map(is_nobodys, _texts_of(wanted))):
        return ()
    found = sa.select(audit).where(*_conditions(wanted))
    if before is not None:
        found = found.where(audit.c.seq < before)
    return tx.execute(found.order_by(audit.c.seq.desc()).limit(limit)).all()


def _texts_of(wanted: WantedLines) -> Iterator[str]:
    yield from wanted.words
    for text in (wanted.link_name, wanted.owner, wanted.person, wanted.action):
        yield text or ""


def _conditions(wanted: WantedLines) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.seen_by is not None:
        yield (audit.c.actor == wanted.seen_by) | (audit.c.owner == wanted.seen_by)
    exactly = {
        "connection_id": wanted.connection_id,
        "connection": wanted.link_name,
        "owner": wanted.owner,
        "actor": wanted.person,
        "action": wanted.action,
    }
    for name, value in exactly.items():
        if value is not None:
            yield audit.c[name] == value
    for word in wanted.words:
        columns = (audit.c[name] for name in _SEARCHED)
        yield sa.or_(*(c.icontains(word, autoescape=True) for c in columns))


def lines_with(tx: sa.Connection, text: str, actions: Sequence[str]) -> Sequence[Row]:
    """Return the lines of these actions whose sentence holds a text, the latest first."""
    found = sa.select(audit).where(
        audit.c.action.in_(actions), audit.c.detail.contains(text, autoescape=True)
    )
    return tx.execute(found.order_by(audit.c.seq.desc())).all()


def line_that_ends(
    tx: sa.Connection, line: Row, actions: Sequence[str], *, or_any: Sequence[str]
) -> Row | None:
    """Return the next line about the same credential, or what ends it whoever does it.

    Args:
        tx: A transaction that reads.
        line: The line that says that the credential came.
        actions: What the same person does with success.
        or_any: What anybody does.
    """
    own = audit.c.action.in_(actions) & (audit.c.actor == line.actor)
    found = sa.select(audit).where(
        audit.c.connection_id == line.connection_id,
        audit.c.seq > line.seq,
        (own & (audit.c.result == "ok")) | audit.c.action.in_(or_any),
    )
    return tx.execute(found.order_by(audit.c.seq).limit(1)).first()


def lines_of_use(
    tx: sa.Connection,
    line: Row,
    actions: Sequence[str],
    *,
    since: float,
    until: float | None,
    by: str | None,
    limit: int,
) -> Sequence[Row]:
    """Return what was done with a line's connection meanwhile, the latest first.

    Args:
        tx: A transaction that reads.
        line: A line about the connection.
        actions: What counts.
        since: From when on.
        until: Until when; None for no end.
        by: By whom; None for anybody.
        limit: How many at most.
    """
    found = sa.select(audit).where(
        audit.c.connection_id == line.connection_id,
        audit.c.action.in_(actions),
        audit.c.at >= since,
    )
    if until is not None:
        found = found.where(audit.c.at < until)
    if by is not None:
        found = found.where(audit.c.actor == by)
    return tx.execute(found.order_by(audit.c.seq.desc()).limit(limit)).all()


def writers_of_lines(tx: sa.Connection) -> frozenset[str]:
    """Return who wrote the lines that are there."""
    return frozenset(tx.execute(sa.select(audit.c.writer).distinct()).scalars())


def lines_of_writer(tx: sa.Connection, writer: str) -> Iterator[Row]:
    """Return one chain's lines in their order, a part at a time."""
    last = None
    while True:
        found = sa.select(audit).where(audit.c.writer == writer)
        if last is not None:
            found = found.where(audit.c.number > last)
        part = tx.execute(found.order_by(audit.c.number).limit(_AT_ONCE)).all()
        yield from part
        if len(part) < _AT_ONCE:
            return
        last = part[-1].number


# --- trimming -------------------------------------------------------------------------


def last_line_before(tx: sa.Connection, writer: str, *, at: float) -> Row | None:
    """Return the last line of a chain that has nothing but older lines before it.

    The numbers are the order, whatever a clock said: a line that comes after a younger
    one stays.
    """
    mine = audit.c.writer == writer
    young = sa.select(sa.func.min(audit.c.number)).where(mine, audit.c.at >= at)
    first_to_stay = tx.execute(young).scalar()
    older = sa.select(audit).where(mine)
    if first_to_stay is not None:
        older = older.where(audit.c.number < first_to_stay)
    return tx.execute(older.order_by(audit.c.number.desc()).limit(1)).first()


def delete_lines_until(tx: sa.Connection, writer: str, number: int) -> int:
    """Delete the beginning of a chain; return how many lines that was."""
    mine = (audit.c.writer == writer) & (audit.c.number <= number)
    return tx.execute(audit.delete().where(mine)).rowcount
