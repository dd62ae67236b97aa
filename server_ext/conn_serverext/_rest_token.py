"""REST: the two addresses that answer with a credential, and never to a browser."""

import hashlib
from typing import TYPE_CHECKING, ClassVar

from tornado import web

from conn_core.auth import LARGEST_FORM
from conn_core.errors import NotAllowed, Sealed

from ._api import MAX_BODY, ApiHandler
from ._handler import may
from ._loans import Borrower
from ._vends import Asked, answer_with

if TYPE_CHECKING:
    from conn_core import AccessToken
    from conn_core.broker import Broker

    from ._bodies import SigningQuestion


class ProgramsOnly(ApiHandler):
    """Answers nothing that comes from a browser, or has no token of its own."""

    what: ClassVar[str]
    #: What is asked here changes nothing that others are answered.
    only_uses = True

    def borrower(self, name: str) -> Borrower:
        """Return who uses a connection, from where, and what they showed for it."""
        shown = self.request.headers.get("Authorization", "").encode()
        digest = hashlib.sha256(shown).digest()
        return Borrower(self.person, self.place, name, digest)

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
    #: What was asked for, where the same question may be answered the same again.
    asked: Asked | None = None

    @web.authenticated
    @may("execute")
    async def post(self, name: str) -> None:
        """Vend an access token that works now."""
        from ._bodies import TokenQuestion  # noqa: PLC0415 - pydantic

        question = self.read(TokenQuestion)

        async def wholly() -> "AccessToken":
            return await self.ask(
                lambda broker: broker.access_token(
                    name, require=question.require, rejected=question.rejected
                )
            )

        if self.job_broker is not None:  # the grant is looked at each time
            self.send(answer_with(await wholly()).reveal())
            return
        vends = self.extension.core.vends
        if question.rejected is not None:
            token = await wholly()
            vends.forget()
            self.send(answer_with(token).reveal())
            return
        asked = Asked(self.borrower(name), tuple(question.require))
        answer = await vends.current(asked, wholly)
        self.asked = asked
        self.send(answer.reveal())


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
