"""What the commands of an operator work on: this account's settings and store."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

from conn_core import Secret, Settings, os_user
from conn_core.errors import InvalidInput

if TYPE_CHECKING:
    from conn_core.broker import Core
    from conn_core.store import Store

#: As the service reads it: a file, because the address holds a password.
DATABASE_FILE = "JUPYTER_CONNECTIONS_DATABASE_URL_FILE"


def settings_here() -> Settings:
    """Read the settings of this account."""
    return Settings.from_environment(
        os.environ,
        jupyter_data_dir=jupyter_data_dir(),
        jupyter_runtime_dir=jupyter_runtime_dir(),
        user=os_user(),
    )


def postgres_here() -> Secret | None:
    """Return the address of the shared database; None where it is a file.

    Raises:
        InvalidInput: If the file that holds it cannot be read.
    """
    file = os.environ.get(DATABASE_FILE)
    if not file:
        return None
    try:
        return Secret(Path(file).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"The address of the database cannot be read ({type(error).__name__})",
            f"Name its file in {DATABASE_FILE}",
        ) from None


def database_file() -> Path:
    """Return the SQLite file of this account."""
    from conn_core.broker import DATABASE  # noqa: PLC0415 - only when used

    return settings_here().data_dir / DATABASE


@contextmanager
def store_here() -> "Iterator[Store]":
    """Open the store, without its key."""
    from conn_core.store import Store  # noqa: PLC0415 - only when used

    url = postgres_here()
    store = (
        Store.sqlite(database_file()) if url is None else Store.postgresql(url.reveal())
    )
    try:
        yield store
    finally:
        store.close()


@contextmanager
def core_here() -> "Iterator[Core]":
    """Open the store with its key."""
    from conn_core.broker import open_core  # noqa: PLC0415 - only when used
    from conn_core.store import Store  # noqa: PLC0415 - as above

    url = postgres_here()
    store = None if url is None else Store.postgresql(url.reveal())
    core = open_core(settings_here(), store=store)
    try:
        yield core
    finally:
        core.close()
