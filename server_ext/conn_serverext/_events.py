"""Structured events (jupyter_events): one for each line of the audit log."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

_SCHEMA: Final = Path(__file__).parent / "events" / "audit" / "v1.yaml"
SCHEMA_ID: Final = "https://jupyter-connections.readthedocs.io/events/audit/v1"
#: As the log's columns call what the event calls ``service``; ids of ours stay here.
_RENAMED: Final = {"service_id": "service"}
_OURS: Final = frozenset({"connection_id", "writer", "number"})


def register_events(logger: Any) -> None:
    """Tell a server's event logger what our events look like.

    Args:
        logger: The server's ``jupyter_events.EventLogger``.
    """
    if SCHEMA_ID not in logger.schemas:  # an extension may be begun once more
        logger.register_event_schema(_SCHEMA)


def event_emitter(
    logger: Any, later: Callable[..., Any]
) -> Callable[[Mapping[str, Any]], None]:
    """Return what emits an event for a line; called in the thread that writes it.

    Args:
        logger: The server's event logger.
        later: Calls a function in the event loop, from any thread.
    """

    def emit(line: Mapping[str, Any]) -> None:
        later(lambda: logger.emit(schema_id=SCHEMA_ID, data=event_of(line)))

    return emit


def event_of(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as the event says it."""
    return {
        _RENAMED.get(name, name): value
        for name, value in line.items()
        if name not in _OURS
    }
