"""What ``%load_ext conn_magics`` does: two magics, a transformer, completion."""

import threading
from typing import Any

from . import _completion, _magics, _transformer

#: Long enough for ``%load_ext`` to return, shorter than the next line takes to type.
_SOON = 0.05


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

    Args:
        shell: The running IPython.
    """
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
    """Load the HTTP library in the background, once this cell has answered."""
    timer = threading.Timer(_SOON, _preload)
    timer.daemon = True
    timer.start()


def _preload() -> None:
    from conn_core.http import preload

    preload()
