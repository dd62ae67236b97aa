"""The answer of a service on its way to whoever asked through this server."""

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

from tornado import httputil, iostream

from conn_core.errors import ConnectionsError

from ._rest_token import ProgramsOnly

if TYPE_CHECKING:
    from conn_core.http import RelayAnswer

    from ._journey import Journey

#: Said by ourselves of every answer, whatever the service says.
_OURS: Final = frozenset(
    {
        "cache-control",
        "content-security-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "referrer-policy",
        "x-content-type-options",
        "x-frame-options",
    }
)


class HandingOn(ProgramsOnly):
    """Hands on what a service answers, never to a browser."""

    what: ClassVar[str] = "Answers of services"

    async def hand_on(
        self, journey: "Journey", *, idle_seconds: int, ends_request: bool
    ) -> None:
        """Send the answer as it comes, as fast as it is read.

        Once its head is sent there is no way to say that something went wrong but to
        end the connection: nobody takes half an answer for a whole one.

        Args:
            journey: Carries the request.
            idle_seconds: How long whoever reads may take nothing.
            ends_request: Nothing of the request is still to come, so that the answer's
                last part may be sent together with its end.
        """
        answer = await journey.answer()
        self._set_head(answer)
        try:
            # What is here already travels with the head; a head alone does not wait.
            if not answer.has_begun:
                await _sent(self.flush(), idle_seconds)
            while part := await journey.part():
                self.write(part)
                if ends_request and answer.has_ended:
                    await _sent(self.finish(), idle_seconds)
                    return
                await _sent(self.flush(), idle_seconds)
            if not self._headers_written:
                await _sent(self.flush(), idle_seconds)
        except iostream.StreamClosedError:
            self.log.info("Connections: nobody reads an answer any more")
        except Exception as error:
            if not self._headers_written:
                raise
            self.log.info("Connections: an answer was cut (%s)", type(error).__name__)
            # Not detached: whoever reads the request's body would miss its stream.
            self.request.connection.close()
            if not isinstance(error, ConnectionsError | TimeoutError):
                raise

    def _set_head(self, answer: "RelayAnswer") -> None:
        self.set_status(answer.status)
        for ours in ("Content-Type", "Date", "Server"):
            self.clear_header(ours)
        for name, value in answer.headers:
            self._set_answered(name.decode("latin-1"), value.decode("latin-1").strip())
        self.set_header("X-Connections-Upstream", "1")
        if answer.status == 204:
            self.clear_header("Content-Length")

    def _set_answered(self, name: str, value: str) -> None:
        """Set one header of the service, if it is none of ours."""
        try:
            if name.lower() not in _OURS:
                self.add_header(name, value)
        except (ValueError, httputil.HTTPInputError):
            return  # it cannot be written


async def _sent(sending: "asyncio.Future[None]", idle_seconds: int) -> None:
    """Wait where whoever reads is slower than what is written."""
    if sending.done():
        sending.result()
        return
    async with asyncio.timeout(idle_seconds):
        await sending
