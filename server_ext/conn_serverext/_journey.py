"""One carried request from its sending to its last byte, and what is written of it."""

import logging
import time
from typing import TYPE_CHECKING, Any

from conn_core.errors import ConnectionsError, ProviderError, StoreUnavailable

if TYPE_CHECKING:  # the database is not paid for when the server starts
    from conn_core.http import Errand, RelayAnswer

    from ._lazy_core import LazyCore
    from ._loans import ConnectionLender
    from ._relaying import Relaying

_log = logging.getLogger("conn_serverext")


class Journey:
    """Carries one request, and has it written down.

    Args:
        relaying: The relay and what belongs to it.
        core: Where things are written down.
        lender: Lends the credential.
        errand: What to send.
    """

    def __init__(
        self,
        relaying: "Relaying",
        core: "LazyCore",
        lender: "ConnectionLender",
        errand: "Errand",
    ) -> None:
        self._relaying = relaying
        self._core = core
        self._lender = lender
        self._errand = errand
        self._began = time.monotonic()
        self._answer: RelayAnswer | None = None
        self._milliseconds = 0
        self._size = 0
        self._has_told = False

    async def answer(self) -> "RelayAnswer":
        """Send it. What is somebody else's is written down before anything is released.

        Raises:
            ConnectionsError: If nothing was sent, nothing came back, or it cannot be
                written down.
        """
        relay = await self._relaying.relay()
        try:
            answer = await relay.send(self._lender, self._errand)
        except ConnectionsError as error:
            self._note_refusal(error)
            raise
        self._answer = answer
        self._milliseconds = self._passed()
        if self._is_borrowed:
            await self._note_before_release()
        if answer.has_reflected:
            await self._tell_once(answer)
        return answer

    async def part(self) -> bytes:
        """Return what comes next of the answer's body, nothing at its end.

        A credential that was in it is told first.
        """
        answer = self._answer
        assert answer is not None  # noqa: S101 - its body comes after its head
        part = await answer.part()
        if answer.has_reflected:
            await self._tell_once(answer)
        self._size += len(part)
        return part

    def end(self) -> None:
        """Let go of the service, and have written down what is left to write."""
        answer = self._answer
        if answer is None:
            return
        answer.close()
        if not self._is_borrowed:
            self._relaying.ledger.note(self._carried(size=self._size))

    @property
    def _is_borrowed(self) -> bool:
        lending = self._lender.lending
        return lending is not None and lending.is_borrowed

    def _passed(self) -> int:
        return round((time.monotonic() - self._began) * 1000)

    async def _note_before_release(self) -> None:
        from conn_core.broker import note_requests  # noqa: PLC0415 - the database

        line = self._carried(size=None)
        try:
            await self._core.run(lambda core: note_requests(core, [line]))
        except BaseException:
            if self._answer is not None:
                self._answer.close()
            raise

    async def _tell_once(self, answer: "RelayAnswer") -> None:
        if not self._has_told:
            self._has_told = True
            await self._note_reflection(answer.host)

    async def _note_reflection(self, host: str) -> None:
        from conn_core.broker import note_reflection  # noqa: PLC0415 - as above

        lending = self._lender.lending
        _log.warning("Connections: %s sent a credential back; it was taken out", host)
        if lending is None:
            return
        try:
            await self._core.run(lambda _: note_reflection(lending, host=host))
        except StoreUnavailable as error:
            _log.warning("Connections: that is not in the history. %s", error)

    def _note_refusal(self, error: ConnectionsError) -> None:
        if self._lender.lending is None:
            return  # nothing was lent: the broker has written that down itself
        self._milliseconds = self._passed()
        result = "failed" if isinstance(error, ProviderError) else "refused"
        self._relaying.ledger.note(self._carried(size=None, result=result))

    def _carried(self, *, size: int | None, result: str = "ok") -> Any:
        from conn_core.broker import Carried  # noqa: PLC0415 - as above

        answer, asked = self._answer, self._errand
        assert self._lender.lending is not None  # noqa: S101 - something was lent
        return Carried(
            lending=self._lender.lending,
            host="" if answer is None else answer.host,
            method=asked.method,
            path=f"/{asked.target}" if answer is None else answer.path,
            status=None if answer is None else answer.status,
            size=size,
            milliseconds=self._milliseconds,
            result=result,
        )
