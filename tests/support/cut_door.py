"""A port on loopback that leads elsewhere, and that a test can cut and mend.

In front of replicas it is a load balancer, in front of a database the network of one
replica.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Sequence

#: An address as ``socket.connect`` takes it: a path, or a host and a port.
Target = str | tuple[str, int]


class CutDoor:
    """Passes bytes on, both ways, while it is not cut.

    Args:
        targets: Where to; called for each new connection, tried in this order.
        listener: What takes calls, where it is not at a free port of loopback.
    """

    def __init__(
        self,
        targets: Callable[[], Sequence[Target]],
        listener: socket.socket | None = None,
    ) -> None:
        self._targets = targets
        self._is_cut = False
        self._guard = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = listener or socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """End what is open, and let nobody through any more."""
        with self._guard:
            self._is_cut = True
            for side in self._open:
                _hang_up(side)

    def mend(self) -> None:
        """Let people through again."""
        with self._guard:
            self._is_cut = False

    def close(self) -> None:
        """End everything."""
        self.cut()
        _hang_up(self._listener)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                outside, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._through, args=(outside,), daemon=True).start()

    def _through(self, outside: socket.socket) -> None:
        with outside:
            inside = None if self._is_cut else self._connected()
            if inside is None:
                return
            with inside, self._noted(outside, inside):
                back = threading.Thread(target=_pass_on, args=(inside, outside))
                back.start()
                _pass_on(outside, inside)
                back.join()

    @contextlib.contextmanager
    def _noted(self, *sides: socket.socket):
        with self._guard:
            self._open.update(sides)
            if self._is_cut:
                for side in sides:
                    _hang_up(side)
        try:
            yield
        finally:
            with self._guard:
                self._open.difference_update(sides)

    def _connected(self) -> socket.socket | None:
        for target in self._targets():
            kind = socket.AF_UNIX if isinstance(target, str) else socket.AF_INET
            made = socket.socket(kind)
            try:
                made.connect(target)
            except OSError:
                made.close()
            else:
                return made
        return None


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _hang_up(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)
