"""The broker: who may use what, and the one who vends, refreshes and seals.

Names are loaded when first used: a kernel that asks a server never pays for the
database.
"""

from typing import TYPE_CHECKING

from .._on_demand import on_demand

if TYPE_CHECKING:
    from ._alerts import Alert, claim_alerts, give_back_alerts
    from ._bindings import binding_of
    from ._core import DATABASE, Core, open_core, way_out
    from ._handle import (
        Handle,
        handle_path,
        read_handle,
        remove_handle,
        socket_path,
        write_handle,
    )
    from ._here import DIGEST, SESSION
    from ._hub_service import service_broker
    from ._key_status import KeyFacts, KeyStatus, key_status
    from ._leaked import Traced, traced
    from ._lending import Carried, Lending, note_reflection, note_requests
    from ._local import LocalBroker
    from ._local_audit import lines_of_log
    from ._people import People
    from ._policy import Actor
    from ._port import Broker
    from ._provider import Provider
    from ._recovering import code_of, recover
    from ._relay import Relay
    from ._remote import RemoteBroker
    from ._resolver import Resolved, Step, resolve
    from ._restoring import Restored, restore
    from ._rotating import Rotation, retire, rotate
    from ._schedules import Schedules
    from ._trimming import trim_log
    from ._vending import Vending, Wish
    from ._verifying import verify_log

_HOME = {
    "_alerts": ("Alert", "claim_alerts", "give_back_alerts"),
    "_bindings": ("binding_of",),
    "_vending": ("Vending", "Wish"),
    "_verifying": ("verify_log",),
    "_restoring": ("Restored", "restore"),
    "_key_status": ("KeyFacts", "KeyStatus", "key_status"),
    "_rotating": ("Rotation", "retire", "rotate"),
    "_recovering": ("code_of", "recover"),
    "_core": ("DATABASE", "Core", "open_core", "way_out"),
    "_granted": ("GrantedBroker",),
    "_handle": (
        "Handle",
        "handle_path",
        "read_handle",
        "remove_handle",
        "socket_path",
        "write_handle",
    ),
    "_here": ("DIGEST", "SESSION"),
    "_hub_service": ("service_broker",),
    "_lending": ("Carried", "Lending", "note_reflection", "note_requests"),
    "_local": ("LocalBroker",),
    "_leaked": ("Traced", "traced"),
    "_local_audit": ("lines_of_log",),
    "_schedules": ("Schedules",),
    "_trimming": ("trim_log",),
    "_people": ("People",),
    "_policy": ("Actor",),
    "_port": ("Broker",),
    "_relay": ("Relay",),
    "_remote": ("RemoteBroker",),
    "_resolver": ("Resolved", "Step", "resolve"),
    "_provider": ("Provider",),
}

__all__ = [
    "DATABASE",
    "DIGEST",
    "SESSION",
    "Actor",
    "Alert",
    "Broker",
    "Carried",
    "Core",
    "GrantedBroker",
    "Handle",
    "KeyFacts",
    "KeyStatus",
    "Lending",
    "LocalBroker",
    "People",
    "Provider",
    "Relay",
    "RemoteBroker",
    "Resolved",
    "Restored",
    "Rotation",
    "Schedules",
    "Step",
    "Traced",
    "Vending",
    "Wish",
    "binding_of",
    "claim_alerts",
    "code_of",
    "give_back_alerts",
    "handle_path",
    "key_status",
    "lines_of_log",
    "note_reflection",
    "note_requests",
    "open_core",
    "read_handle",
    "recover",
    "remove_handle",
    "resolve",
    "restore",
    "retire",
    "rotate",
    "service_broker",
    "socket_path",
    "traced",
    "trim_log",
    "verify_log",
    "way_out",
    "write_handle",
]
__getattr__ = on_demand(__name__, _HOME)
