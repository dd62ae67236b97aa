"""The kernel side of jupyter-connections: ``%conn``, ``%%connection`` and ``cm``.

In a notebook: ``%load_ext conn_magics``. In code: ``import conn_magics as cm``, then
``cm.connect("github").get("/user")``. Names are loaded when first used, so that
``%load_ext`` costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import functions, tasks
    from ._api import (
        authorize,
        connect,
        create,
        edit,
        get,
        list,  # noqa: A004 - `cm.list()` is the public name
        log,
        override,
        refresh,
        snippet,
        test,
        ui,
    )
    from ._api_jobs import schedule, schedules
    from ._api_owning import (
        accept,
        delete,
        enable,
        revoke,
        seal,
        share,
        transfer,
        unseal,
    )
    from ._api_services import (
        create_service,
        delete_service,
        edit_service,
        export_service,
        import_service,
        propose_service,
        register_service,
        service,
        services,
    )
    from ._connection import Connection
    from ._extension import load_ipython_extension, unload_ipython_extension
    from ._opening import open_cell
    from ._token import Token
    from .functions import uses

_HOME = {
    "_api": (
        "authorize",
        "connect",
        "create",
        "edit",
        "get",
        "list",
        "log",
        "override",
        "refresh",
        "snippet",
        "test",
        "ui",
    ),
    "_api_jobs": ("schedule", "schedules"),
    "_api_owning": (
        "accept",
        "delete",
        "enable",
        "revoke",
        "seal",
        "share",
        "transfer",
        "unseal",
    ),
    "_api_services": (
        "create_service",
        "delete_service",
        "edit_service",
        "export_service",
        "import_service",
        "propose_service",
        "register_service",
        "service",
        "services",
    ),
    "_connection": ("Connection",),
    "_extension": ("load_ipython_extension", "unload_ipython_extension"),
    "_opening": ("open_cell",),
    "_token": ("Token",),
    "functions": ("uses",),
}
#: Packages of their own, such as ``cm.functions``.
_PARTS = ("functions", "tasks")
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Connection",
    "Token",
    "accept",
    "authorize",
    "connect",
    "create",
    "create_service",
    "delete",
    "delete_service",
    "edit",
    "edit_service",
    "enable",
    "export_service",
    "functions",
    "get",
    "import_service",
    "list",
    "load_ipython_extension",
    "log",
    "open_cell",
    "override",
    "propose_service",
    "refresh",
    "register_service",
    "revoke",
    "schedule",
    "schedules",
    "seal",
    "service",
    "services",
    "share",
    "snippet",
    "tasks",
    "test",
    "transfer",
    "ui",
    "unload_ipython_extension",
    "unseal",
    "uses",
]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
    if name in _PARTS:
        return importlib.import_module(f".{name}", __name__)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> Any:
    return __all__
