"""The Jupyter server extension: REST, and the pages of an authorization.

Everything behind it is loaded when first needed: a server that nobody asks for a
connection pays for a few small modules and no more.
"""

import importlib
from typing import Any

from conn_core import __version__

_MODULE_OF = {"Connections": "_options", "ConnectionsExtension": "_extension"}

__all__ = ["Connections", "ConnectionsExtension", "__version__"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from ._extension import ConnectionsExtension  # noqa: PLC0415 - only servers pay

    return [{"module": "conn_serverext", "app": ConnectionsExtension}]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
