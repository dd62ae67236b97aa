"""An audit log on a store alone, without a deployment around it."""

from pathlib import Path

import sqlalchemy as sa

from conn_core.broker._auditing import Auditing, begin_log
from conn_core.broker._trimming import trim_log
from conn_core.broker._verifying import verify_log
from conn_core.store import Store
from conn_core.vault import Vault
from conn_core.vault._key import MasterKey


class Log:
    """Store, vault and key, as a workshop has them."""

    def __init__(self, store):
        self.store = store
        self.vault = Vault(
            [MasterKey(bytes(range(32)))], deployment="d", key_source="key file"
        )
        self.auditing = Auditing()
        self.now = 1_795_000_000.0

    @classmethod
    def at(cls, address):
        is_file = "://" not in address
        return cls(
            Store.sqlite(Path(address)) if is_file else Store.postgresql(address)
        )

    def clock(self):
        return self.now

    def begin(self):
        with self.store.write() as tx:
            begin_log(tx, self.vault)

    def write(self, *details, at=None):
        """Write lines in one transaction."""
        with self.store.write() as tx:
            for detail in details:
                line = {"at": at or self.now, "actor": "sam", "action": "use"}
                self.auditing.write(tx, self.vault, line | {"detail": detail})

    def verify(self):
        return verify_log(self)

    def trim(self, before, **options):
        return trim_log(self, before=before, person="root", **options)

    def sql(self, statement, **values):
        """Do what somebody with the database can do."""
        with self.store.write() as tx:
            found = tx.execute(sa.text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else []

    def close(self):
        self.store.close()
