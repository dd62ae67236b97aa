"""What the commands of an operator work on: this account's settings and store."""

import getpass
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

from conn_core import Secret, Settings, os_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conn_core.broker import Core
    from conn_core.store import Store


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
    from conn_core.doctor import address_in  # noqa: PLC0415 - only when used

    return address_in(os.environ)


def database_file() -> Path:
    """Return the SQLite file of this account."""
    from conn_core.broker import DATABASE  # noqa: PLC0415 - only when used

    return settings_here().data_dir / DATABASE


def typed_or_piped(question: str) -> Secret:
    """Return a secret that is typed unseen, or comes in a line of standard input."""
    if sys.stdin.isatty():
        return Secret(getpass.getpass(question).strip())
    return Secret(sys.stdin.readline().strip())


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
