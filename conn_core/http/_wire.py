"""Between httpx, which users know, and httpcore, which opens sockets.

httpx's own transport keeps every request as it was sent, in responses and errors.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import httpcore
import httpx

#: As httpx has them.
POOL: Final[dict[str, Any]] = {
    "max_connections": 100,
    "max_keepalive_connections": 20,
    "keepalive_expiry": 5.0,
}
TROUBLE: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)
_TOLD: Final = ("http_version", "reason_phrase")


def as_httpx(error: Exception, *, secret: str = "") -> httpx.TransportError:
    """Return httpx's error of the same name: the two trees mirror each other.

    It is made anew, to be raised without the one it stands for: debuggers and error
    reporters show the locals of every frame, and those hold the request as it was
    sent, with its credential.
    """
    text = str(error)
    if secret:
        # The HTTP library quotes a header that cannot be sent.
        text = text.replace(secret, "<secret>")
    kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
    return kind(text)


def as_response(
    answer: httpcore.Response,
    stream: httpx.SyncByteStream | httpx.AsyncByteStream,
    *,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> httpx.Response:
    """Return an answer as httpx's, with what is about the answer alone.

    Args:
        answer: What came over the wire.
        stream: Its body.
        headers: In the place of its own.
    """
    told = answer.extensions
    return httpx.Response(
        answer.status,
        headers=answer.headers if headers is None else headers,
        stream=stream,
        extensions={name: told[name] for name in _TOLD if name in told},
    )


class Body(httpx.SyncByteStream):
    """An answer's body, which forgets what was asked once it is read.

    Args:
        answer: The answer.
        owner: Kept until then: whose end would close the connection.
    """

    def __init__(self, answer: httpcore.Response, *, owner: object) -> None:
        self._answer: httpcore.Response | None = answer
        self._owner: object | None = owner

    def __iter__(self) -> Iterator[bytes]:
        if self._answer is None:
            raise httpx.StreamClosed
        try:
            yield from self._answer.iter_stream()
        except TROUBLE as error:
            problem = as_httpx(error)
        else:
            return
        raise problem

    def close(self) -> None:
        """Let go of the connection, and of what was asked."""
        answer, self._answer, self._owner = self._answer, None, None
        if answer is not None:
            answer.close()


class AsyncBody(httpx.AsyncByteStream):
    """As ``Body``, for ``async``.

    Args:
        answer: The answer.
    """

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer: httpcore.Response | None = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._answer is None:
            raise httpx.StreamClosed
        try:
            async for part in self._answer.aiter_stream():
                yield part
        except TROUBLE as error:
            problem = as_httpx(error)
        else:
            return
        raise problem

    async def aclose(self) -> None:
        """Let go of the connection, and of what was asked."""
        answer, self._answer = self._answer, None
        if answer is not None:
            await answer.aclose()
