"""What a run prints, displays and returns: kept short, sent in pieces."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import ipywidgets

#: Seconds between two messages to the browser.
_PAUSE: Final = 0.1
#: Characters of printed text that are kept; the beginning goes first.
_MOST: Final = 100_000
_CUT: Final = "… the beginning is left out\n"


class RunOutput:
    """The place below a button for what its run says.

    Safe in threads. It is no ``with`` of ``ipywidgets.Output``: that ends with the
    message that began the run.

    Args:
        clock: Seconds that only grow.

    Attributes:
        widget: What is shown.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.widget = ipywidgets.Output()
        self.widget.add_class("conn-run-output")
        self._clock = clock
        self._lock = threading.RLock()
        self._outputs: list[dict[str, Any]] = []
        self._sent_at = float("-inf")
        self._later: threading.Timer | None = None
        self._closed = False

    def write(self, text: str, *, stream: str) -> None:
        """Add printed text."""
        with self._lock:
            last = self._outputs[-1] if self._outputs else {}
            if last.get("name") == stream:
                last["text"] = _ending_of(last["text"] + text)
            else:
                new = {"output_type": "stream", "name": stream, "text": text}
                self._outputs.append(new)
            self._send_soon()

    def show(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Add something that shows itself."""
        self._add(
            {
                "output_type": "display_data",
                "data": dict(data),
                "metadata": dict(metadata),
            }
        )

    def fail(self, name: str, message: str, lines: list[str]) -> None:
        """Add where an error came from."""
        self._add(
            {
                "output_type": "error",
                "ename": name,
                "evalue": message,
                "traceback": lines,
            }
        )

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._outputs = []
            self.flush()

    def flush(self) -> None:
        """Send what has not been sent."""
        with self._lock:
            if self._later is not None:
                self._later.cancel()
                self._later = None
            if self._closed:
                return
            self._sent_at = self._clock()
            self.widget.outputs = tuple(dict(each) for each in self._outputs)

    def close(self) -> None:
        """Send nothing any more."""
        with self._lock:
            self.flush()
            self._closed = True

    def _add(self, output: dict[str, Any]) -> None:
        with self._lock:
            self._outputs.append(output)
            self._send_soon()

    def _send_soon(self) -> None:
        """Send now, or a moment later when something was sent just now."""
        if self._clock() - self._sent_at >= _PAUSE:
            self.flush()
        elif self._later is None and not self._closed:
            self._later = threading.Timer(_PAUSE, self.flush)
            self._later.daemon = True
            self._later.start()


def _ending_of(text: str) -> str:
    if len(text) <= _MOST:
        return text
    return _CUT + text[-_MOST // 2 :].partition("\n")[2]
