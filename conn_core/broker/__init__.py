"""The broker: who may use what, and the one who vends, refreshes and seals.

Names are loaded when first used: a kernel that asks a server never pays for the
database.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._core import Core, open_core, way_out
    from ._handle import Handle, handle_path, read_handle, remove_handle, write_handle
    from ._lending import Carried, Lending, note_reflection, note_requests
    from ._local import LocalBroker
    from ._people import People
    from ._port import Broker
    from ._relay import Relay
    from ._remote import RemoteBroker
    from ._resolver import Resolved, Step, resolve
    from ._workshop import Provider

_HOME = {
    "_core": ("Core", "open_core", "way_out"),
    "_granted": ("GrantedBroker",),
    "_handle": (
        "Handle",
        "handle_path",
        "read_handle",
        "remove_handle",
        "write_handle",
    ),
    "_lending": ("Carried", "Lending", "note_reflection", "note_requests"),
    "_local": ("LocalBroker",),
    "_people": ("People",),
    "_port": ("Broker",),
    "_relay": ("Relay",),
    "_remote": ("RemoteBroker",),
    "_resolver": ("Resolved", "Step", "resolve"),
    "_workshop": ("Provider",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Broker",
    "Carried",
    "Core",
    "GrantedBroker",
    "Handle",
    "Lending",
    "LocalBroker",
    "People",
    "Provider",
    "Relay",
    "RemoteBroker",
    "Resolved",
    "Step",
    "handle_path",
    "note_reflection",
    "note_requests",
    "open_core",
    "read_handle",
    "remove_handle",
    "resolve",
    "way_out",
    "write_handle",
]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
