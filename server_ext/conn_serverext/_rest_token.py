"""REST: the two addresses that answer with a credential, and never to a browser."""

from typing import TYPE_CHECKING, ClassVar

from tornado import web

from conn_core.auth import LARGEST_FORM
from conn_core.errors import NotAllowed, Sealed

from ._api import MAX_BODY, ApiHandler
from ._handler import may

if TYPE_CHECKING:
    from conn_core.broker import Broker

    from ._bodies import SigningQuestion


class ProgramsOnly(ApiHandler):
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


class TokenHandler(ProgramsOnly):
    """``api/v1/connections/{name}/token``."""

    for_jobs = ("POST",)

    what = "Access tokens"

    @web.authenticated
    @may("execute")
    async def post(self, name: str) -> None:
        """Vend an access token that works now."""
        from ._bodies import TokenQuestion  # noqa: PLC0415 - pydantic

        asked = self.read(TokenQuestion)
        token = await self.ask(
            lambda broker: broker.access_token(
                name, require=asked.require, rejected=asked.rejected
            )
        )
        self.answer(token.to_json() | token.secrets_to_json())


class SignHandler(ProgramsOnly):
    """``api/v1/connections/{name}/sign``."""

    for_jobs = ("POST",)

    what = "Signatures"
    most_bytes = LARGEST_FORM + MAX_BODY

    @web.authenticated
    @may("execute")
    async def post(self, name: str) -> None:
        """Sign one request with secrets that stay here."""
        from ._bodies import SigningQuestion  # noqa: PLC0415 - pydantic

        asked = self.read(SigningQuestion)
        kind = {"Content-Type": asked.content_type} if asked.content_type else {}
        headers = await self.ask(
            lambda broker: _signed_outside(broker, name, asked, kind)
        )
        self.answer({"headers": headers})


def _signed_outside(
    broker: "Broker", name: str, asked: "SigningQuestion", headers: dict[str, str]
) -> dict[str, str]:
    """Sign a request that somebody else sends: none of a sealed connection."""
    found = broker.connection(name)
    if found.exposure == "sealed":
        raise Sealed.lends_nothing(found.link_name)
    return broker.sign(
        name,
        method=asked.method,
        url=asked.url,
        headers=headers,
        body=asked.form.encode(),
    )


def _programs_only(what: str) -> NotAllowed:
    return NotAllowed(
        f"{what} are handed to programs, never to browsers",
        "Send this server's token in an Authorization header, and no cookie",
    )
