"""REST: grants, permissions for jobs on other machines."""

from tornado import web

import conn_core

from ._api import ApiHandler, listed
from ._handler import may
from ._rest_token import ProgramsOnly


class GrantsHandler(ProgramsOnly):
    """``api/v1/grants``."""

    what = "Grants"

    async def prepare(self) -> None:
        """Let pages list grants, and only programs be handed one."""
        if self.request.method == "GET":
            return await ApiHandler.prepare(self)
        return await super().prepare()

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Return the grants of the asking person, the newest first."""
        found = await self.ask(lambda broker: broker.grants())
        self.answer(listed([one.to_json() for one in found], total=len(found)))

    @web.authenticated
    @may("execute")
    async def post(self) -> None:
        """Make a grant. The answer holds its bearer, this once and for programs only."""
        draft = self.read(conn_core.GrantDraft)
        made = await self.ask(lambda broker: broker.grant(draft))
        shown = made.to_json() | {"bearer": made.bearer.reveal()}
        self.answer(shown, status=201)


class GrantHandler(ApiHandler):
    """``api/v1/grants/{grant_id}``."""

    @web.authenticated
    @may("write")
    async def delete(self, grant_id: str) -> None:
        """End a grant at once; the answer is what it was."""
        ended = await self.ask(lambda broker: broker.revoke_grant(grant_id))
        self.answer(ended.to_json())
