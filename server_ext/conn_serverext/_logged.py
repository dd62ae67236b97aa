"""What of a request is logged: no line that nobody reads, no message of an error."""

import logging
import traceback
from typing import Any


def is_debugged(log: Any) -> bool:
    """Tell whether somebody reads every line: Jupyter's logger lets all of them pass.

    What its operator asked to see is the level of a handler.
    """
    if not log.isEnabledFor(logging.DEBUG):
        return False
    found = getattr(log, "logger", log)  # what is inside of an adapter
    while found is not None:
        if any(handler.level <= logging.DEBUG for handler in found.handlers):
            return True
        found = found.parent if found.propagate else None
    return False


def frames_of(error: BaseException | None) -> str:
    """Return the tracebacks of an error and its causes without their messages.

    A message may quote an address with a query, or an answer of a provider.
    """
    lines: list[str] = []
    while error is not None:
        lines += [
            *traceback.format_tb(error.__traceback__),
            f"{type(error).__name__}\n",
        ]
        error = error.__cause__ or error.__context__
    return "".join(lines)
