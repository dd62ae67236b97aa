"""REST: the one address that answers with a credential, and never to a browser."""

from typing import Any

from tornado import web

from conn_core.errors import InvalidInput, NotAllowed

from ._api import ApiHandler, refuse_unknown
from ._handler import may

_MOST_SCOPES = 200


class TokenHandler(ApiHandler):
    """``api/v1/connections/{name}/token``."""

    async def prepare(self) -> None:
        """Refuse browsers before anything else, then what has no token of its own."""
        self._refuse_browsers()
        await super().prepare()
        if self.current_user is not None and not self.token_authenticated:
            raise _programs_only()

    @web.authenticated
    @may("execute")
    async def post(self, name: str) -> None:
        """Vend an access token that works now."""
        require, rejected = _read(self.body())
        token = await self.ask(
            lambda broker: broker.access_token(name, require=require, rejected=rejected)
        )
        self.answer(token.to_json() | token.secrets_to_json())

    def _refuse_browsers(self) -> None:
        """Refuse what only a browser sends, and a token that others may have logged.

        A notebook's script runs in this origin with the cookies of its reader; it
        must find no way to a credential.
        """
        headers = self.request.headers
        if (
            "Cookie" in headers
            or "Origin" in headers
            or any(name.lower().startswith("sec-") for name in headers)
            or "token" in self.request.query_arguments
            or "Authorization" not in headers
        ):
            raise _programs_only()


def _programs_only() -> NotAllowed:
    return NotAllowed(
        "Access tokens are handed to programs, never to browsers",
        "Send this server's token in an Authorization header, and no cookie",
    )


def _read(body: dict[str, Any]) -> tuple[tuple[str, ...], int | None]:
    refuse_unknown(body, "require", "rejected")
    require, rejected = body.get("require", []), body.get("rejected")
    if (
        not isinstance(require, list)
        or len(require) > _MOST_SCOPES
        or not all(isinstance(scope, str) for scope in require)
    ):
        raise _wrong("require", "must be a list of scopes")
    if rejected is not None and (
        isinstance(rejected, bool) or not isinstance(rejected, int)
    ):
        raise _wrong("rejected", "must be the generation of a token")
    return tuple(require), rejected


def _wrong(field: str, text: str) -> InvalidInput:
    return InvalidInput(f"Nothing was done: {field}: {text}", fields={field: text})
