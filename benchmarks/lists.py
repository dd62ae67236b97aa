"""P13: a list of 10,000 connections: one page, all of them, and a search among them.

Half of them are the person's own, half are shared by a hundred others. The peer reads
the same columns of as many rows with the bare ``sqlite3`` and makes nothing of them; for
a page it counts the rows, too. Where it alone took 6.5 ms for all of them the target was
25 ms: the ratio of the two is the target on any machine. Processor time.
Run it with ``python benchmarks/lists.py``.
"""

import gc
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from _table import Row, print_table

from conn_core import Settings
from conn_core.broker import Core, LocalBroker, open_core
from conn_core.store import rows as statements

_CONNECTIONS = 10_000
_OTHERS = 100
_SERVICES = ("github", "slack", "google-sheets", "notion", "jira")
_TIMES = 15
_BARE = (
    "SELECT c.*, k.* FROM connections c LEFT JOIN credentials k "
    "ON k.connection_id = c.id AND k.holder = c.owner ORDER BY c.folded LIMIT ?"
)
_BARE_COUNT = (
    "SELECT count(*) FROM connections c WHERE c.owner = 'sam' OR EXISTS (SELECT 1 "
    "FROM shares s WHERE s.connection_id = c.id AND s.principal IN ('*', 'user:sam'))"
)
_OVER_BARE = 25 / 6.5


def fill(core: Core, *, user: str = "sam") -> None:
    """Store the connections, all but every fifth of them authorized."""
    with core.store.write() as tx:
        for number in range(_CONNECTIONS):
            is_own = number % 2 == 0
            owner = user if is_own else f"person{number % _OTHERS}"
            statements.insert_connection(
                tx,
                id=f"c{number}",
                shared_with=() if is_own else ("*",),
                owner=owner,
                link_name=f"connection-{number}",
                name=f"Connection {number}",
                service_id=_SERVICES[number % len(_SERVICES)],
                scopes='["read"]',
                parameters="{}",
                use_login_user_credentials=False,
                exposure="direct",
                internal=False,
                created_at=1.7e9,
                version=1,
            )
            if number % 5:
                _authorize(tx, f"c{number}", owner)


def _authorize(tx: object, connection_id: str, owner: str) -> None:
    statements.put_credential(
        tx,
        sealed=b"",
        id=f"k{connection_id}",
        connection_id=connection_id,
        holder=owner,
        definition=json.dumps({"id": "github"}),
        hosts='["api.github.com"]',
        generation=1,
        token_type="Bearer",
        asked_scopes='["read"]',
        granted_scopes='["read"]',
        account="sam@acme.example",
        obtained_at=1.7e9,
        refreshable=True,
        failures=0,
    )


def _median(act: Callable[[], object]) -> float:
    """Return how long the processor works for it, in milliseconds."""
    act()
    gc.collect()
    gc.freeze()  # as calls.py does: what was imported is not ours to clean up
    times = []
    for _ in range(_TIMES):
        began = time.process_time()
        act()
        times.append((time.process_time() - began) * 1e3)
    return statistics.median(times)


def _all(broker: LocalBroker) -> int:
    """Read the whole list, as whoever shows it does: page by page."""
    cursor, count = None, 0
    while True:
        page = broker.connections(cursor=cursor, limit=1000)
        count += len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return count


def _rows(what: str, ours: float, bare: float, target: float) -> list[Row]:
    """Say it in milliseconds, and as a ratio that holds on other machines."""
    return [
        _row(f"{what}, ms", ours, bare, ours, target),
        _row(f"{what}, over bare sqlite3", ours, bare, ours / bare, _OVER_BARE),
    ]


def _row(what: str, ours: float, bare: float, found: float, target: float) -> Row:
    return Row(
        id="P13",
        what=what,
        ours=f"{ours:.2f} ms",
        peer=f"bare sqlite3 {bare:.2f} ms",
        ratio=found,
        target=round(target, 2),
        ok=found <= target,
    )


def rows() -> list[Row]:
    """Measure on a store in a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        core = open_core(
            Settings(
                data_dir=place / "data",
                runtime_dir=place / "run",
                user="sam",
                use_keyring=False,
            )
        )
        fill(core)
        broker = core.acting_as("sam")
        with sqlite3.connect(place / "data" / "connections.db") as database:
            bare = _median(lambda: database.execute(_BARE, (_CONNECTIONS,)).fetchall())
            one = _median(
                lambda: (
                    database.execute(_BARE, (100,)).fetchall(),
                    database.execute(_BARE_COUNT).fetchall(),
                )
            )
        assert _all(broker) == _CONNECTIONS
        searched = _median(lambda: broker.connections("connection 99"))
        of_status = _median(lambda: broker.connections(status="connected"))
        page = _median(broker.connections)
        whole = _median(lambda: _all(broker))
        found = [
            *_rows("one page of 100", page, one, 2.0),
            *_rows("all 10,000, page by page", whole, bare, 25.0),
            _row("search them, first page, ms", searched, bare, searched, 25.0),
            _row("of one status, first page, ms", of_status, bare, of_status, 25.0),
        ]
        database.close()
        core.close()
        return found


if __name__ == "__main__":
    print_table(rows())
