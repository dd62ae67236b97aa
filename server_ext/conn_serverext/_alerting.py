"""Looks for alerts now and then, as long as the server runs, and has them told."""

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final

from conn_core.errors import ConnectionsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conn_core.broker import Core

    from ._lazy_core import LazyCore
    from ._notify import Notifier

#: Seconds between two looks.
LOOKS_EVERY: Final = 300.0
_log = logging.getLogger("conn_serverext")


class Alerting:
    """One background task, begun with the first use of the core.

    Args:
        core: Knows what ended.
        notifiers: Makes what tells of it; None looks for nothing.
        every: Seconds between two looks.
    """

    def __init__(
        self,
        core: "LazyCore",
        notifiers: "Callable[[Core], Sequence[Notifier]] | None",
        *,
        every: float = LOOKS_EVERY,
    ) -> None:
        self._core = core
        self._notifiers = notifiers
        self._every = every
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to look, unless that was done; call it in the event loop."""
        if self._notifiers is not None and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._look_for_ever())

    async def close(self) -> None:
        """Stop looking; what is being sent is sent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def look(self) -> None:
        """Look once."""
        make = self._notifiers
        if make is not None:
            await self._core.run(lambda core: tell_alerts(core, make(core)))

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self.look()
            except ConnectionsError as error:
                _log.warning("Connections: alerts cannot be looked for. %s", error)
            await asyncio.sleep(self._every)


def tell_alerts(core: "Core", notifiers: "Sequence[Notifier]") -> None:
    """Claim what is to be told and tell it; what nobody took is given back.

    Args:
        core: Knows what ended.
        notifiers: Who tell; one that works is enough.
    """
    from conn_core.broker import (  # noqa: PLC0415 - the database
        claim_alerts,
        give_back_alerts,
    )

    alerts = claim_alerts(core)
    if not alerts:
        return
    sent = 0
    for notifier in notifiers:
        try:
            notifier.tell(alerts)
            sent += 1
        except ConnectionsError as error:
            _log.warning("Connections: alerts were not sent. %s", error)
    if not sent:
        give_back_alerts(core, alerts)
