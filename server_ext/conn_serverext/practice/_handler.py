"""What all handlers of the practice service have in common."""

import logging
from http.client import responses
from typing import Any, Final

from tornado.web import HTTPError, RequestHandler

from ._world import World

_LOG: Final = logging.getLogger("conn_serverext.practice")
_VERBS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class PracticeHandler(RequestHandler):
    """The base of every handler. Subclasses say how an error looks."""

    world: World

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Know which verbs a class has, for the ``Allow`` header of a 405."""
        super().__init_subclass__(**kwargs)
        if "SUPPORTED_METHODS" not in vars(cls):
            cls.SUPPORTED_METHODS = tuple(v for v in _VERBS if v.lower() in vars(cls))

    def initialize(self, world: World) -> None:
        """Take what the route table hands to every handler."""
        self.world = world

    def set_default_headers(self) -> None:
        """Keep answers out of caches and frames."""
        self.clear_header("Server")
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Refuse other names of this machine, then everything during an outage."""
        if self.request.host not in self.world.hosts:
            raise HTTPError(421)
        if self.world.is_out(self.request.path):
            raise HTTPError(503)

    def one_each(self, arguments: dict[str, list[bytes]]) -> dict[str, str]:
        """Return parameters by name.

        Raises:
            HTTPError: With 400, if one is there twice or is no text.
        """
        found = {}
        for name, values in arguments.items():
            if len(values) != 1:
                raise HTTPError(400)
            found[name] = self.decode_argument(values[0], name)
        return found

    def leave_for(self, address: str) -> None:
        """Send the browser elsewhere, with GET whatever it came with."""
        self.set_status(303)
        self.set_header("Location", address)
        self.finish()

    def log_exception(self, *problem: Any) -> None:
        """Log what is our fault; a refused request is not."""
        if not isinstance(problem[1], HTTPError):
            _LOG.error("The practice service failed", exc_info=problem)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Say what went wrong in the words of HTTP."""
        if status_code == 405:
            self.set_header("Allow", ", ".join(self.SUPPORTED_METHODS))
        if status_code == 503:
            self.set_header("Retry-After", "1")
        self.show_error(status_code, responses.get(status_code, "Error"))

    def show_error(self, status: int, reason: str) -> None:
        """Send an error as JSON."""
        self.finish({"error": reason.lower().replace(" ", "_"), "status": status})


def log_request(handler: RequestHandler) -> None:
    """Log a request without its query: codes and states travel there."""
    request = handler.request
    _LOG.debug("%s %s %s", handler.get_status(), request.method, request.path)
