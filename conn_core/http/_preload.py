"""Paying for the HTTP library before it is needed."""

import threading


def preload() -> threading.Thread:
    """Load the HTTP library and the TLS context in the background; returns at once.

    That is most of what a first ``%%connection`` cell and its first request cost. A
    thread does it while the person reads or types; whoever comes early waits for the
    rest of it, and nothing else changes.

    Returns:
        The thread, for whoever wants to wait.
    """
    thread = threading.Thread(target=_load, name="connections-preload", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    # Inside: this module is what a kernel loads at start, and must cost nothing.
    from ._client import new_pool  # noqa: PLC0415 - the point of it

    new_pool().close()
