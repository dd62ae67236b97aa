"""Import the HTTP library in the background after ``%load_ext``.

Its import is most of what a first ``%%connection`` cell costs. A thread does it while
the person reads or types; whoever is faster waits for the rest of it, and nothing
else changes.
"""

import contextlib
import threading


def start() -> threading.Thread:
    """Begin to import; returns at once.

    Returns:
        The thread, for whoever wants to wait.
    """
    thread = threading.Thread(target=_import, name="conn-preload", daemon=True)
    thread.start()
    return thread


def _import() -> None:
    # Whatever is wrong is said by the first cell that needs it, in its own words.
    with contextlib.suppress(Exception):
        from conn_core.http import connected_client  # noqa: F401 - the import is the point
