"""One's own connections with their credentials, many people's at once: for who vends.

One statement for all who ask in the same moment; those who ask alone pay for one, too.
"""

from collections import namedtuple
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from ._credentials import CREDENTIAL_COLUMNS
from ._tables import connections, credentials, secrets
from ._texts import Row, is_nobodys
from ._visible import SHOWN_OF_CREDENTIALS, STATUS

#: Lengths of the list in SQLite's statement, which it plans anew for each.
_MOST: Final = 256
_OF_CONNECTION: Final = (*connections.c, *SHOWN_OF_CREDENTIALS, STATUS.label("status"))
# Both have an id, scopes and more: they are told apart by their places.
_Connection: Any = namedtuple("_Connection", [c.name for c in _OF_CONNECTION])  # type: ignore[misc]  # noqa: PYI024 - the tables say which
_Credential: Any = namedtuple("_Credential", [c.name for c in CREDENTIAL_COLUMNS])  # type: ignore[misc]  # noqa: PYI024 - as above


def _unnamed(column: Any) -> Any:
    """Return a column without the name that it is given in one of the two."""
    return column.element if isinstance(column, sa.Label) else column


#: What both have is read once.
_READ: Final = {
    column: place
    for place, column in enumerate(
        dict.fromkeys(map(_unnamed, (*_OF_CONNECTION, *CREDENTIAL_COLUMNS)))
    )
}
_connection_in: Final = itemgetter(*(_READ[_unnamed(c)] for c in _OF_CONNECTION))
_credential_in: Final = itemgetter(*(_READ[_unnamed(c)] for c in CREDENTIAL_COLUMNS))
_OWNED: Final = (
    sa.select(*_READ)
    .select_from(connections)
    .join(
        credentials,
        (credentials.c.connection_id == connections.c.id)
        & (credentials.c.holder == connections.c.owner),
    )
    .join(secrets)
)
_LISTED: Final = _OWNED.where(
    sa.tuple_(connections.c.owner, connections.c.link_name).in_(
        sa.bindparam("names", expanding=True)
    )
)
_TEXTS: Final = sa.ARRAY(sa.String)
#: PostgreSQL takes all names as two values, and plans the statement once.
_WANTED: Final = (
    sa.func.unnest(
        sa.bindparam("owners", type_=_TEXTS), sa.bindparam("link_names", type_=_TEXTS)
    )
    .table_valued("owner", "link_name", name="wanted")
    .render_derived()
)
_JOINED: Final = _OWNED.join(
    _WANTED,
    (connections.c.owner == _WANTED.c.owner)
    & (connections.c.link_name == _WANTED.c.link_name),
)


class OwnName(NamedTuple):
    """Whose connection, by its link name."""

    owner: str
    link_name: str


class Owned(NamedTuple):
    """A connection, and its owner's credential with what is sealed of it."""

    connection: Row
    credential: Row


def owned_rows(tx: sa.Connection, names: Iterable[OwnName]) -> dict[OwnName, Owned]:
    """Return those of the connections that are there and have a credential.

    Args:
        tx: An open transaction.
        names: Which ones.
    """
    wanted = [n for n in dict.fromkeys(names) if not any(map(is_nobodys, n))]
    return {
        OwnName(one.connection.owner, one.connection.link_name): one
        for one in map(_owned, _found(tx, wanted))
    }


def _found(tx: sa.Connection, wanted: Sequence[OwnName]) -> Iterator[Row]:
    if not wanted:
        return
    if tx.dialect.name == "postgresql":
        owners, link_names = map(list, zip(*wanted, strict=True))
        yield from tx.execute(_JOINED, {"owners": owners, "link_names": link_names})
        return
    for part in _parts(wanted):
        yield from tx.execute(_LISTED, {"names": part})


def _parts(names: Sequence[OwnName]) -> Iterator[Sequence[OwnName]]:
    for begin in range(0, len(names), _MOST):
        part = names[begin : begin + _MOST]
        length = 1 << (len(part) - 1).bit_length()
        yield [*part, *[part[-1]] * (length - len(part))]


def _owned(row: Row) -> Owned:
    values = tuple(row)
    return Owned(
        _Connection._make(_connection_in(values)),
        _Credential._make(_credential_in(values)),
    )
