"""What the service's process refuses to other processes of its own account.

The memory of the service holds every person's credentials. Without this, whatever else
runs under its account reads ``/proc/PID/mem`` and ``/proc/PID/environ``, and a crash
writes all of it into a file. Whoever administers the machine can still look.
"""

import ctypes
import sys
from typing import Final

#: The number of this wish in <linux/prctl.h>.
_PR_SET_DUMPABLE: Final = 4


def refuse_inspection() -> bool:
    """Leave no core file, and let no process without privileges look into this one.

    Returns:
        Whether the system has granted both; only Linux knows the second.
    """
    return _leave_no_core() and _refuse_debuggers()


def _leave_no_core() -> bool:
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return False
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return False
    return True


def _refuse_debuggers() -> bool:
    if sys.platform != "linux":
        return False
    answer: int = ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return answer == 0
