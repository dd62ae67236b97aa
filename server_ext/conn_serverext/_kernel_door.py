"""A way into this server for its kernels alone, beside the one for everybody.

The server's event loop is busy for tens of milliseconds while it sends a large notebook.
Whoever asks for a token does not wait behind that: this listener has a thread and an event
loop of its own. Python's lock is still one for all, so JSON of many megabytes is felt here,
too. It is a Unix socket that only its owner can open, so browsers cannot.
"""

import asyncio
import contextlib
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tornado import web
from tornado.httpserver import HTTPServer

from ._handler import bearer_in
from ._rest_proxy import ProxyHandler
from ._routes import ROUTES

if TYPE_CHECKING:
    from tornado.httputil import HTTPServerRequest

    from ._extension import ConnectionsExtension

_LAST_WORDS_SECONDS: Final = 5
_BACKLOG: Final = 128


class KernelDoor:
    """Answers the REST addresses on a Unix socket, to whoever shows the handle's bearer.

    Args:
        path: Where the socket is to lie.
        application: What answers.

    Raises:
        OSError: If there can be no socket: the path is too long, or no place for one.
    """

    def __init__(self, path: Path, application: web.Application) -> None:
        listener = _listener(path)
        self.path = path
        self._server = HTTPServer(application)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._serve, name="connections-kernels", daemon=True
        )
        self._thread.start()
        self._loop.call_soon_threadsafe(self._server.add_socket, listener)

    async def close(self) -> None:
        """Let who is being answered have the answer, then end the thread."""
        ending = asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        await asyncio.wrap_future(ending)
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)

    async def _end(self) -> None:
        self._server.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await self._server.close_all_connections()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()


def _listener(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)  # of a server that could not take it back
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def kernel_door(extension: "ConnectionsExtension", path: Path) -> KernelDoor | None:
    """Open the door of a server; None where there can be none.

    Args:
        extension: Whose handlers answer.
        path: Where the socket is to lie.
    """
    if not hasattr(socket, "AF_UNIX"):  # Windows
        return None
    try:
        return KernelDoor(path, _Kernels(extension))
    except OSError as error:
        extension.log.info("Connections: kernels use the server's address (%s)", error)
        return None


class _Kernels(web.Application):
    """The REST addresses, for whoever shows the bearer.

    But for what the relay carries: its streams are long, and vends would wait for them.
    """

    def __init__(self, extension: "ConnectionsExtension") -> None:
        server, given = extension.serverapp, {"extension": extension}
        super().__init__(
            [
                (rf"{server.base_url}connections/{path}", handler, given)
                for path, handler in ROUTES
                if path.startswith("api/") and handler is not ProxyHandler
            ]
        )
        # The very same: who is who, and what is logged, does not depend on the door.
        self.settings = server.web_app.settings
        self._extension = extension

    def find_handler(self, request: "HTTPServerRequest", **kwargs: Any) -> Any:
        """Refuse who shows no bearer, before anything is looked for."""
        if self._extension.bearer.same_as(bearer_in(request)):
            return super().find_handler(request, **kwargs)
        return self.get_handler_delegate(
            request, web.ErrorHandler, {"status_code": 401}
        )
