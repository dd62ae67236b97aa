"""What one run prints and displays, apart from what cells print at the same time."""

import contextvars
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

from .._surroundings import running_shell


class Sink(Protocol):
    """Where the output of a run goes."""

    def write(self, text: str, *, stream: str) -> None:
        """Take what is printed."""

    def show(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Take what is displayed."""

    def clear(self) -> None:
        """Forget all that was taken."""


#: The sink of the run that this code belongs to. Threads and tasks have their own.
_SINK: contextvars.ContextVar[Sink | None] = contextvars.ContextVar(
    "sink", default=None
)
_STREAMS: Final = ("stdout", "stderr")


@contextmanager
def captured(sink: Sink) -> Iterator[None]:
    """Send what this thread or task prints and displays to a sink."""
    token = _SINK.set(sink)
    _ROUTES.take()
    hooks = _Hooks()
    try:
        yield
    finally:
        hooks.remove()
        _ROUTES.release()
        _SINK.reset(token)


class _Route:
    """Stands for ``sys.stdout`` while something runs; other code notices nothing."""

    def __init__(self, below: Any, stream: str) -> None:
        self.below = below
        self._stream = stream

    def write(self, text: str) -> int:
        sink = _SINK.get()
        if sink is None:
            return int(self.below.write(text) or 0)
        if text:
            sink.write(text, stream=self._stream)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.below, name)


class _Routes:
    """Puts the routes in place with the first run, and away with the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._placed: dict[str, _Route] = {}

    def take(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                for stream in _STREAMS:
                    route = _Route(getattr(sys, stream), stream)
                    self._placed[stream] = route
                    setattr(sys, stream, route)

    def release(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                for stream, route in self._placed.items():
                    # Somebody may have put something else in place meanwhile.
                    if getattr(sys, stream) is route:
                        setattr(sys, stream, route.below)
                self._placed = {}


_ROUTES: Final = _Routes()


class _Hooks:
    """Takes what ``display`` publishes; a kernel keeps such hooks for each thread."""

    def __init__(self) -> None:
        publisher: Any = getattr(running_shell(), "display_pub", None)
        self._remove: Callable[[Any], Any] | None = None
        if hasattr(publisher, "register_hook"):
            publisher.register_hook(_taken)
            self._remove = publisher.unregister_hook

    def remove(self) -> None:
        if self._remove is not None:
            self._remove(_taken)


def _taken(message: Any) -> Any:
    """Take a message of this run; what cells publish goes on."""
    sink = _SINK.get()
    if sink is None:
        return message
    content = message["content"]
    if message["header"]["msg_type"] == "clear_output":
        sink.clear()
    elif "data" in content:
        sink.show(content["data"], content.get("metadata", {}))
    return None
