"""Places where the tests may kill the process. Without an explicit switch they do nothing.

``JUPYTER_CONNECTIONS_FAILPOINT=refresh.after-intent:kill`` ends the process the moment it
gets there. The switch is read once, when this module is imported.
"""

import os
import signal
import time
from collections.abc import Mapping
from typing import Final

#: The switch.
VARIABLE: Final = "JUPYTER_CONNECTIONS_FAILPOINT"
#: Every place there is, in the order in which a process comes by.
NAMES: Final = frozenset(
    {
        "refresh.before-lease",
        "refresh.after-intent",
        "refresh.answer-in-memory",
        "refresh.before-commit",
        "refresh.inside-commit",
        "refresh.after-commit",
        "callback.flow-used-up",
        "callback.answer-in-memory",
        "callback.kept",
        "revoke.before-provider",
        "delete.provider-told",
        "store.inside-migration",
        "transfer.handed-on",
        "rotate.key-added",
        "rotate.row",
        "rotate.inside-batch",
        "rotate.batch-kept",
    }
)


class Reached(BaseException):
    """The action ``raise``: passes every handler that only knows errors."""


class _Armed:
    """One place that does something.

    Args:
        switch: ``name``, or ``name:action`` with the action ``kill``, ``raise`` or
            ``sleep=seconds``. ``kill=3`` waits for the third time.
    """

    def __init__(self, switch: str) -> None:
        self._name, _, action = switch.partition(":")
        self._action, _, number = (action or "kill").partition("=")
        self._number = float(number or 0)
        self._times = 0
        if self._name not in NAMES or self._action not in {"kill", "raise", "sleep"}:
            msg = f"{VARIABLE}={switch} names no place or no action that there is"
            raise ValueError(msg)

    def reach(self, name: str) -> None:
        if name != self._name:
            return
        if self._action == "sleep":
            time.sleep(self._number)
            return
        self._times += 1
        if self._times < self._number:
            return
        if self._action == "raise":
            raise Reached(name)
        os.kill(os.getpid(), signal.SIGKILL)


def _armed_by(environ: Mapping[str, str]) -> _Armed | None:
    switch = environ.get(VARIABLE)
    return _Armed(switch) if switch else None


_armed = _armed_by(os.environ)


def reach(name: str) -> None:
    """Note that the process came to a place.

    Args:
        name: One of ``NAMES``.
    """
    if _armed is not None:
        _armed.reach(name)
