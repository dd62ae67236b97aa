"""Names are looked up in threads of their own, so many at a time.

The system's resolver knows no time limit: a name whose server is silent holds its thread
for half a minute. In threads that others need too, a few such names would hold up
everybody; without a bound, threads would pile up.
"""

import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Final

Resolve = Callable[[str, int], Iterable[str]]

#: At once, for everybody together.
_MOST: Final = 256


def resolve_name(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses that the system's resolver has for a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(str(address[0]) for *_, address in found)


class Lookups:
    """Looks names up. One for everything that is asked from one place.

    Args:
        resolve: Looks one name up, however long that takes.
        most: How many at once.
    """

    def __init__(self, resolve: Resolve = resolve_name, *, most: int = _MOST) -> None:
        self._resolve = resolve
        self._free = threading.Semaphore(most)

    def begin(self, host: str, port: int) -> Future[tuple[str, ...]]:
        """Begin to look a name up; whoever waits decides for how long.

        Raises:
            OSError: If too many names are being looked up already.
        """
        if not self._free.acquire(blocking=False):
            raise OSError("too many names are being looked up")
        answer: Future[tuple[str, ...]] = Future()
        # Nobody who gives up waiting cancels it: the thread goes on all the same.
        answer.set_running_or_notify_cancel()
        # A daemon: a process that ends does not wait for a silent resolver.
        asking = threading.Thread(
            target=self._ask, args=(answer, host, port), daemon=True
        )
        asking.start()
        return answer

    def _ask(self, answer: Future[tuple[str, ...]], host: str, port: int) -> None:
        try:
            answer.set_result(tuple(self._resolve(host, port)))
        except (OSError, UnicodeError) as error:
            answer.set_exception(OSError(str(error)))
        finally:
            self._free.release()
