"""One's own connections with their credentials, many people's at once: for who vends.

One statement for all who ask in the same moment; those who ask alone pay for one, too.
"""

from collections import namedtuple
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from ._credentials import CREDENTIAL_COLUMNS
from ._tables import connections, credentials, secrets
from ._texts import Row, is_nobodys
from ._visible import SHOWN_OF_CREDENTIALS, STATUS

#: Lengths of the list in the statement: a database plans each length anew.
_MOST: Final = 256
_OF_CONNECTION: Final = (*connections.c, *SHOWN_OF_CREDENTIALS, STATUS.label("status"))
# Both have an id, scopes and more: they are told apart by their places.
_Connection: Any = namedtuple("_Connection", [c.name for c in _OF_CONNECTION])  # type: ignore[misc]  # noqa: PYI024 - the tables say which
_Credential: Any = namedtuple("_Credential", [c.name for c in CREDENTIAL_COLUMNS])  # type: ignore[misc]  # noqa: PYI024 - as above
_OWNED: Final = (
    sa.select(*_OF_CONNECTION, *CREDENTIAL_COLUMNS)
    .select_from(connections)
    .join(
        credentials,
        (credentials.c.connection_id == connections.c.id)
        & (credentials.c.holder == connections.c.owner),
    )
    .join(secrets)
    .where(
        sa.tuple_(connections.c.owner, connections.c.link_name).in_(
            sa.bindparam("names", expanding=True)
        )
    )
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
        for part in _parts(wanted)
        for one in _read(tx, part)
    }


def _parts(names: Sequence[OwnName]) -> Iterator[Sequence[OwnName]]:
    for begin in range(0, len(names), _MOST):
        part = names[begin : begin + _MOST]
        length = 1 << (len(part) - 1).bit_length()
        yield [*part, *[part[-1]] * (length - len(part))]


def _read(tx: sa.Connection, names: Sequence[OwnName]) -> Iterator[Owned]:
    many = len(_OF_CONNECTION)
    for row in tx.execute(_OWNED, {"names": names}):
        yield Owned(_Connection._make(row[:many]), _Credential._make(row[many:]))
