"""The version that the tables have, and the way to the newest."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..errors import StoreUnavailable

#: The newest migration; a test keeps it true. Comparing with it spares every start
#: the import of Alembic.
HEAD = "0007"


def current_revision(connection: sa.Connection) -> str | None:
    """Return the version of the tables; None where there are none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    statement = sa.text("SELECT version_num FROM alembic_version")
    return connection.execute(statement).scalar()


def migrate(connection: sa.Connection) -> None:
    """Bring the tables to the newest version, in the transaction that is open.

    Raises:
        StoreUnavailable: If a newer program made them.
    """
    from alembic import command  # noqa: PLC0415 - 100 ms, needed once per version
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.util import CommandError  # noqa: PLC0415 - as above

    config: Any = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnavailable(
            "The database was written by a newer version of this program",
            "Run pip install --upgrade jupyter-connections",
        ) from error
