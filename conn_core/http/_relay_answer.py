"""An answer on its way back: searched, counted, and never waited for without end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp

from .._relay_limits import RelayLimits
from ..errors import ProviderError, ProviderUnavailable
from ._inflating import Inflater
from ._loan import Loan
from ._redaction import Redactor
from ._relay_headers import headers_to_answer

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
        self._limits = limits
        self._deadline = deadline
        self._redactor = Redactor(loan.needles)
        self.host: str = response.url.raw_host or ""
        self.path: str = response.url.raw_path
        self.status: int = response.status
        self._inflater = self._make_inflater()
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

    async def parts(self) -> AsyncIterator[bytes]:
        """Return the body as it comes.

        Raises:
            ProviderError: If it is larger or takes longer than allowed, or damaged.
        """
        answered = 0
        async for part in self._plain_parts():
            answered += len(part)
            if answered > self._limits.most_answered:
                raise ProviderError(
                    f"{self.host} answered with more than "
                    f"{self._limits.most_answered:,} bytes",
                    "Ask for less at a time",
                )
            if shown := self._redactor.part(part):
                yield shown
        if rest := self._redactor.rest():
            yield rest

    def close(self) -> None:
        """Let go of the connection; one that is in the middle of something is ended."""
        self._response.close()

    async def _plain_parts(self) -> AsyncIterator[bytes]:
        while part := await self._next_part():
            if self._inflater is None:
                yield part
            else:
                for piece in self._inflater.pieces(part):
                    yield piece

    async def _next_part(self) -> bytes:
        loop = asyncio.get_running_loop()
        end = min(loop.time() + self._limits.idle_seconds, self._deadline)
        try:
            async with asyncio.timeout_at(end):
                part: bytes = await self._response.content.readany()
                return part
        except (aiohttp.ClientError, TimeoutError, OSError):
            pass
        raise ProviderUnavailable(
            f"{self.host} broke off its answer", "Try again later"
        )

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
        clean = self._redactor.redacted
        return [(clean(name), clean(value)) for name, value in kept]
