"""What a server keeps between the requests that it carries."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from conn_core.errors import AuditUnavailable, TooManyAttempts

from ._loans import Loans

if TYPE_CHECKING:  # nothing of it is paid for when the server starts
    from conn_core import RelayLimits, Settings
    from conn_core.broker import Carried
    from conn_core.http import Relay

    from ._lazy_core import LazyCore

_log = logging.getLogger("conn_serverext")

#: What people do with their own is written down together, soon.
_SOON: Final = 0.5
_RETRY_AFTER: Final = 1.0


class Crowd:
    """How many requests each person has under way: nobody takes all the room."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def room_for(self, person: str, *, at_once: int) -> Iterator[None]:
        """Count a request while it is under way.

        Raises:
            TooManyAttempts: If the person has as many as they may.
        """
        if self._under_way[person] >= at_once:
            raise _too_many(at_once)
        self._under_way[person] += 1
        try:
            yield
        finally:
            self._under_way[person] -= 1
            if not self._under_way[person]:
                del self._under_way[person]


def _too_many(at_once: int) -> TooManyAttempts:
    error = TooManyAttempts(
        f"{at_once} requests of yours are under way through this server, and that is "
        "as many as it carries for one person",
        "Try again in a second, or send fewer at a time",
    )
    error.retry_after = _RETRY_AFTER
    return error


class Ledger:
    """Writes down together, and a little later, what people did with their own.

    Requests of one kind become one line that says how many they were.
    """

    def __init__(self, core: "LazyCore") -> None:
        self._core = core
        self._waiting: dict[tuple[object, ...], Carried] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, carried: "Carried") -> None:
        """Have one request written down soon."""
        kind = carried.kind
        before = self._waiting.get(kind)
        one = carried if before is None else before.with_another(carried)
        self._waiting[kind] = one
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_soon())

    async def close(self) -> None:
        """Write what waits, now."""
        if self._writing is not None:
            self._writing.cancel()
        await self._write()

    async def _write_soon(self) -> None:
        await asyncio.sleep(_SOON)
        await self._write()

    async def _write(self) -> None:
        from conn_core.broker import note_requests  # noqa: PLC0415 - the database

        lines, self._waiting = list(self._waiting.values()), {}
        if not lines:
            return
        try:
            await self._core.run(lambda core: note_requests(core, lines))
        except AuditUnavailable as error:
            _log.warning(
                "Connections: %d uses are not in the audit log. %s", len(lines), error
            )


class Relaying:
    """The relay of one server, and what belongs to it.

    Args:
        core: Where loans come from.
    """

    def __init__(self, core: "LazyCore") -> None:
        self._core = core
        self._relay: Relay | None = None
        self._settings: Settings | None = None
        self.loans = Loans()
        self.crowd = Crowd()
        self.ledger = Ledger(core)

    async def limits(self) -> "RelayLimits":
        """Return what the operator allows."""
        return (await self._told()).relay

    async def relay(self) -> "Relay":
        """Return the relay, made by the first request that needs it."""
        settings = await self._told()
        if self._relay is None:
            self._relay = _made(settings)
        return self._relay

    async def close(self) -> None:
        """Write what waits to be written, and close every socket."""
        await self.ledger.close()
        if self._relay is not None:
            await self._relay.close()

    async def _told(self) -> "Settings":
        if self._settings is None:
            self._settings = await self._core.run(lambda core: core.settings)
        return self._settings


def _made(settings: "Settings") -> "Relay":
    from conn_core.http import (  # noqa: PLC0415 - servers start without it
        AddressPolicy,
        Relay,
        networks_from,
    )

    policy = AddressPolicy(
        allow_loopback=settings.allow_loopback,
        allowed_networks=networks_from(settings.allowed_networks),
    )
    return Relay(policy=policy, limits=settings.relay)
