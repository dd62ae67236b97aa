"""The very same question again: what was looked at once is not looked at twice.

A kernel asks the same to the last byte every half second. Whatever was found of the
request's headers and body holds for the next one that is the same, from the same address.
What can have become another is looked at each time: who shows the token, and what the
database says.
"""

import hashlib
import time
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from tornado import httputil, web

from conn_core.errors import ConnectionsError

from .._identity import person_of
from .._vends import Asked

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tornado.httputil import HTTPServerRequest

    from conn_core import Secret

    from .._vends import Look
    from ._site import Site

_MOST_KNOWN: Final = 20_000


class Repeats:
    """Knows requests that were answered with a token.

    Args:
        site: The service.
    """

    def __init__(self, site: "Site") -> None:
        self._site = site
        self._known: dict[bytes, Asked] = {}
        self._marks: WeakKeyDictionary[HTTPServerRequest, bytes] = WeakKeyDictionary()
        self._headers = httputil.HTTPHeaders()
        self._date_of = 0

    def learn(self, handler: web.RequestHandler, asked: Asked) -> None:
        """Remember a request that was answered with a token.

        Args:
            handler: Has answered it.
            asked: What the answer was found by.
        """
        mark = self._marks.pop(handler.request, None)
        if mark is None:
            return
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[mark] = asked
        # All such answers have the same; there is no other way to them.
        self._headers = handler._headers  # noqa: SLF001
        self._date_of = 0

    def asked_by(self, request: "HTTPServerRequest") -> Asked | None:
        """Return what a request asks for; None where its handler has to look at it."""
        mark = _print_of(request)
        known = self._known.get(mark)
        if known is None:
            self._marks[request] = mark
        elif self._is_from(known.borrower.person, request):
            return known
        return None

    def headers(self, *, length: int) -> httputil.HTTPHeaders:
        """Return the headers of an answer that is given now, and of no other one.

        They are written before the next answer asks for them: a copy would have each
        looked through for forbidden characters again.

        Args:
            length: Of its body.
        """
        headers, now = self._headers, int(time.time())
        if now != self._date_of:
            self._date_of = now
            headers["Date"] = httputil.format_timestamp(now)
        if "Connection" in headers:  # what Tornado said to whoever was answered last
            del headers["Connection"]
        headers["Content-Length"] = str(length)
        return headers

    def _is_from(self, person: str, request: "HTTPServerRequest") -> bool:
        site = self._site
        try:
            user = site.identity.recalled(request)
        except ConnectionsError:  # may not any more: the handler says so
            return False
        if user is None:
            return False
        return person == person_of(user, provider=site.identity, owner=site.owner)


class Repeatable(httputil.HTTPMessageDelegate):
    """Takes a request in, and hands it to its handler where it is a new one.

    Args:
        request: The request.
        handler: Tornado's delegate of its handler.
        site: The service.
    """

    def __init__(
        self,
        request: "HTTPServerRequest",
        handler: httputil.HTTPMessageDelegate,
        site: "Site",
    ) -> None:
        self._request = request
        self._handler = handler
        self._site = site
        self._body = b""
        self._is_gone = False

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> "Awaitable[None] | None":
        """Pass it on."""
        return self._handler.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> "Awaitable[None] | None":
        """Keep it, and pass it on."""
        self._body += chunk
        return self._handler.data_received(chunk)

    def finish(self) -> None:
        """Answer, or let the handler do it."""
        self._request.body = self._body
        asked = self._site.repeats.asked_by(self._request)
        if asked is None:
            self._handler.finish()
            return
        vends = self._site.core.vends
        lent = vends.lent(asked)
        if lent is not None:
            self._answer(lent)
        else:
            vends.look(asked).add_done_callback(self._looked)

    def on_connection_close(self) -> None:
        """Pass it on."""
        self._is_gone = True
        self._handler.on_connection_close()

    def _looked(self, look: "Look") -> None:
        """Answer with what was found; all else is the handler's to find, and to say."""
        found = None if look.exception() else look.result()
        if self._is_gone:
            self._site.traffic.ends(self._request)
        elif found is None:
            self._handler.finish()
        else:
            self._answer(found)

    def _answer(self, found: "Secret") -> None:
        connection, body = self._request.connection, found.reveal().encode()
        assert connection is not None  # noqa: S101 - it has just brought the request
        headers = self._site.repeats.headers(length=len(body))
        line = httputil.ResponseStartLine("", 200, "OK")
        connection.write_headers(line, headers, body)
        connection.finish()
        self._site.repeated(self._request)


def _print_of(request: "HTTPServerRequest") -> bytes:
    """Return what no other request has; the token in it cannot be read out of it."""
    said = (request.method, request.uri, request.version, request.remote_ip)
    everything = (said, list(request.headers.get_all()), request.body)
    return hashlib.sha256(repr(everything).encode("utf-8", "surrogatepass")).digest()
