"""REST: notebooks that run by themselves."""

from tornado import web

import conn_core

from ._api import ApiHandler, listed
from ._handler import may


class SchedulesHandler(ApiHandler):
    """``api/v1/schedules``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """List the asking person's schedules, with how the last run of each ended."""
        found = await self.ask(lambda broker: broker.schedules())
        self.answer(listed([one.to_json() for one in found], total=len(found)))

    @web.authenticated
    @may("execute")
    async def post(self) -> None:
        """Check a notebook and let it run by itself, as the asking person."""
        draft = self.read(conn_core.ScheduleDraft)
        made = await self.ask(lambda broker: broker.schedule(draft))
        self.answer(made.to_json(), status=201)


class ScheduleHandler(ApiHandler):
    """``api/v1/schedules/{name}``; an id names one too."""

    @web.authenticated
    @may("write")
    async def patch(self, name: str) -> None:
        """Let a schedule rest, or go on."""
        from ._bodies import Activity  # noqa: PLC0415 - pydantic

        wanted = self.read(Activity)
        changed = await self.ask(
            lambda broker: broker.pause_schedule(name, active=wanted.active)
        )
        self.answer(changed.to_json())

    @web.authenticated
    @may("write")
    async def delete(self, name: str) -> None:
        """Delete a schedule and the notes of its runs; the answer is what it was."""
        gone = await self.ask(lambda broker: broker.delete_schedule(name))
        self.answer(gone.to_json())
