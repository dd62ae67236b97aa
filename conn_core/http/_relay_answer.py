"""An answer on its way back: searched, counted, and never waited for without end."""

import asyncio
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from .._relay_limits import RelayLimits
from ..errors import ProviderError, ProviderUnavailable
from ._inflating import Inflater
from ._loan import Loan
from ._redaction import Redactor
from ._relay_headers import headers_to_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN: Final = frozenset({"", "identity"})
_WITHOUT_BODY: Final = frozenset({204, 304})
#: It asks for the password of a proxy, and would be believed to be ours.
_OF_PROXIES: Final = 407


class RelayAnswer:
    """What a service answered to one carried request.

    Args:
        response: As aiohttp has it.
        loan: What it was asked with.
        limits: How much and how long.
        deadline: When everything has to be over, by the event loop's clock.
    """

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        *,
        loan: Loan,
        limits: RelayLimits,
        deadline: float,
    ) -> None:
        self._response: Any = response
        connection = response.connection
        self._transport = None if connection is None else connection.transport
        self._limits = limits
        self._deadline = deadline
        self._redactor = Redactor(loan.needles)
        self.host: str = response.url.raw_host or ""
        self.path: str = response.url.raw_path
        self.status: int = response.status
        self._answered = 0
        self._inflater = self._make_inflater()
        self._pieces: Iterator[bytes] = iter(())
        self.headers = self._cleaned_headers()

    def __repr__(self) -> str:
        return f"<RelayAnswer {self.status} of {self.host}>"

    @property
    def has_reflected(self) -> bool:
        """The service has sent the credential back, so far."""
        return self._redactor.has_found

    @property
    def has_begun(self) -> bool:
        """Some of the body is here, or there is none."""
        content = self._response.content
        return bool(content.total_bytes) or bool(content.at_eof())

    @property
    def has_ended(self) -> bool:
        """Every part has been returned; false where only ``part`` finds that out."""
        is_plain = self._inflater is None and not self._redactor.is_waiting
        return is_plain and bool(self._response.content.at_eof())

    async def part(self) -> bytes:
        """Return what comes next of the body; nothing at its end.

        Raises:
            ProviderError: If it is larger or takes longer than allowed, or damaged.
        """
        while part := await self._plain_part():
            self._count(len(part))
            if shown := self._redactor.part(part):
                return shown
        return self._redactor.rest()

    def close(self) -> None:
        """Let go of the connection; one that is in the middle of something is ended."""
        self._response.close()
        if self._transport is not None and self._transport.is_closing():
            self._transport.abort()  # it would wait to send what nobody reads

    def _count(self, size: int) -> None:
        self._answered += size
        if self._answered > self._limits.most_answered:
            raise ProviderError(
                f"{self.host} answered with more than "
                f"{self._limits.most_answered:,} bytes",
                "Ask for less at a time",
            )

    async def _plain_part(self) -> bytes:
        if self._inflater is None:
            return await self._next_part()
        while not (piece := next(self._pieces, b"")):
            part = await self._next_part()
            if not part:
                return b""
            self._pieces = self._inflater.pieces(part)
        return piece

    async def _next_part(self) -> bytes:
        content = self._response.content
        try:
            part: bytes = content.read_nowait()
            return part if part or content.at_eof() else await self._awaited()
        except (aiohttp.ClientError, TimeoutError, OSError):
            pass
        raise ProviderUnavailable(
            f"{self.host} broke off its answer", "Try again later"
        )

    async def _awaited(self) -> bytes:
        loop = asyncio.get_running_loop()
        end = min(loop.time() + self._limits.idle_seconds, self._deadline)
        async with asyncio.timeout_at(end):
            part: bytes = await self._response.content.readany()
            return part

    def _make_inflater(self) -> Inflater | None:
        if self.status < 200 or self.status == _OF_PROXIES:
            raise ProviderError(
                f"{self.host} answered {self.status}, which only a proxy does",
                "Check the service's API address",
            )
        said = self._response.headers.get("Content-Encoding", "").strip().lower()
        has_body = self._response.method != "HEAD" and self.status not in _WITHOUT_BODY
        if said in _PLAIN or not has_body:
            return None
        return Inflater(said, host=self.host)

    def _cleaned_headers(self) -> list[tuple[bytes, bytes]]:
        raw = self._response.raw_headers
        kept = headers_to_answer(raw, is_decoded=self._inflater is not None)
        return self._redactor.headers(kept)
