"""The Jupyter server extension: REST, and the pages of an authorization.

Everything behind it is loaded when first needed: a server that nobody asks for a
connection pays for a few small modules and no more.
"""

from typing import Any

from conn_core import __version__
from conn_core._on_demand import on_demand

_HOME = {"_options": ("Connections",), "_extension": ("ConnectionsExtension",)}

__all__ = ["Connections", "ConnectionsExtension", "__version__"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from ._extension import ConnectionsExtension  # noqa: PLC0415 - only servers pay

    return [{"module": "conn_serverext", "app": ConnectionsExtension}]


__getattr__ = on_demand(__name__, _HOME)
