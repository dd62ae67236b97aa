"""What ``%load_ext conn_magics`` does: two magics, a transformer, completion."""

import contextlib
import os
import threading
from typing import Any

from . import _completion, _magics, _transformer

#: Long enough for ``%load_ext`` to return, shorter than the next line takes to type.
_SOON = 0.05
#: Where it is set, a server keeps the store.
_ENDPOINT = "JUPYTER_CONNECTIONS_ENDPOINT"


def load_ipython_extension(shell: Any) -> None:
    """Register ``%conn``, ``%%connection`` and their completion.

    Args:
        shell: The running IPython.
    """
    shell.register_magic_function(_magics.conn, "line", "conn")
    shell.register_magic_function(_magics.connection, "cell", "connection")
    _put(shell.input_transformers_cleanup, _transformer.rewrite_first_line)
    _put(shell.Completer.custom_matchers, _completion.complete)
    _preload_soon()


def unload_ipython_extension(shell: Any) -> None:
    """Take everything out again; names that cells bound stay.

    Outputs are no longer looked through, until the next use of a connection.

    Args:
        shell: The running IPython.
    """
    from ._masking import MASKING

    MASKING.end()
    shell.magics_manager.magics["line"].pop("conn", None)
    shell.magics_manager.magics["cell"].pop("connection", None)
    _drop(shell.input_transformers_cleanup, _transformer.rewrite_first_line)
    _drop(shell.Completer.custom_matchers, _completion.complete)


def _put(hooks: list[Any], hook: Any) -> None:
    if hook not in hooks:
        hooks.append(hook)


def _drop(hooks: list[Any], hook: Any) -> None:
    if hook in hooks:
        hooks.remove(hook)


def _preload_soon() -> None:
    """Import what the first ``%%connection`` needs, once this cell has answered.

    Only imports: no store is opened and no server asked before somebody uses a
    connection. Whoever comes early waits for the rest, and nothing else changes.
    """
    timer = threading.Timer(_SOON, _preload)
    timer.daemon = True
    timer.start()


def _preload() -> None:
    # Whatever is missing or broken is said by the cell that needs it.
    with contextlib.suppress(Exception):
        from conn_core.http import preload

        from . import _opening  # noqa: F401 - the import is the point

        preload()
        from conn_core.broker import resolve  # noqa: F401 - the same

        if not os.environ.get(_ENDPOINT):
            from conn_core.broker import open_core  # noqa: F401 - the same
