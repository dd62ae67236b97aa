"""REST: the two addresses that answer with a credential, and never to a browser."""

import re
from typing import Any, ClassVar, Final

from tornado import web

from conn_core.auth import LARGEST_FORM
from conn_core.errors import NotAllowed

from ._api import MAX_BODY, ApiHandler, refuse_unknown, wrong
from ._handler import may

_MOST_SCOPES: Final = 200
_METHOD: Final = re.compile(r"[A-Za-z]{1,20}")


class _ProgramsOnly(ApiHandler):
    """Answers nothing that comes from a browser, or has no token of its own."""

    what: ClassVar[str]

    async def prepare(self) -> None:
        """Refuse browsers before anything else, then what has no token of its own."""
        self._refuse_browsers()
        await super().prepare()
        if self.current_user is not None and not self.token_authenticated:
            raise _programs_only(self.what)

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
            raise _programs_only(self.what)


class TokenHandler(_ProgramsOnly):
    """``api/v1/connections/{name}/token``."""

    what = "Access tokens"

    @web.authenticated
    @may("execute")
    async def post(self, name: str) -> None:
        """Vend an access token that works now."""
        require, rejected = _read(self.body())
        token = await self.ask(
            lambda broker: broker.access_token(name, require=require, rejected=rejected)
        )
        self.answer(token.to_json() | token.secrets_to_json())


class SignHandler(_ProgramsOnly):
    """``api/v1/connections/{name}/sign``."""

    what = "Signatures"
    most_bytes = LARGEST_FORM + MAX_BODY

    @web.authenticated
    @may("execute")
    async def post(self, name: str) -> None:
        """Sign one request with secrets that stay here."""
        question = _read_request(self.body())
        headers = await self.ask(lambda broker: broker.sign(name, **question))
        self.answer({"headers": headers})


def _programs_only(what: str) -> NotAllowed:
    return NotAllowed(
        f"{what} are handed to programs, never to browsers",
        "Send this server's token in an Authorization header, and no cookie",
    )


def _read_request(body: dict[str, Any]) -> dict[str, Any]:
    """Read what is signed of a request (RFC 5849 3.4.1), as the broker takes it."""
    refuse_unknown(body, "method", "url", "content_type", "form")
    for name in ("method", "url"):
        if not isinstance(body.get(name), str):
            raise wrong(name, "must be a text")
    for name in ("content_type", "form"):
        if not isinstance(body.get(name, ""), str):
            raise wrong(name, "must be a text, or absent")
    if not _METHOD.fullmatch(body["method"]):
        raise wrong("method", "must be an HTTP method")
    kind = body.get("content_type", "")
    return {
        "method": body["method"],
        "url": body["url"],
        "headers": {"Content-Type": kind} if kind else {},
        "body": body.get("form", "").encode(),
    }


def _read(body: dict[str, Any]) -> tuple[tuple[str, ...], int | None]:
    refuse_unknown(body, "require", "rejected")
    require, rejected = body.get("require", []), body.get("rejected")
    if (
        not isinstance(require, list)
        or len(require) > _MOST_SCOPES
        or not all(isinstance(scope, str) for scope in require)
    ):
        raise wrong("require", "must be a list of scopes")
    if rejected is not None and (
        isinstance(rejected, bool) or not isinstance(rejected, int)
    ):
        raise wrong("rejected", "must be the generation of a token")
    return tuple(require), rejected
