"""What the relay is told of a connection, and what it is asked to send."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from .._rules import Rules
from .._values import AccessToken
from ._redaction import Needles

if TYPE_CHECKING:
    from ..auth import Sign

#: A header as it is on the wire, in text.
Header = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A connection's credential for a moment, and what it may be used for.

    Attributes:
        token: The credential, and the hosts it may be sent to.
        sign: Signs a request where the broker does; may wait, so it runs in a thread.
        rules: Which requests the connection may be used for.
        closed: Addresses of the service's authorization server. They are no part of
            its API: whoever reaches them with a credential makes or ends others.
        needles: What must not come back in an answer, in every spelling.
    """

    token: AccessToken
    sign: "Sign" = field(repr=False)
    rules: Rules = Rules()  # noqa: RUF009 - frozen
    closed: tuple[str, ...] = ()
    needles: Needles = field(default=Needles(), repr=False)

    @property
    def needs_whole_body(self) -> bool:
        """The credential goes into the body, or a signature is made over it."""
        return bool(self.token.signed_by) or self.token.param_type == "body"


class Lender(Protocol):
    """Lends one connection's credential to the relay."""

    async def lend(self, *, rejected: int | None = None) -> Loan:
        """Return a loan that is good now.

        Args:
            rejected: The generation that the API answered 401 to.

        Raises:
            ConnectionsError: What the broker says.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A request to carry.

    Attributes:
        method: Its method.
        origin: Where it goes, such as ``https://uploads.example.com``; empty: to the
            API's own address.
        target: Path and query as they were written, without the first slash.
        headers: As whoever asks sent them.
        body: The body, whole; None where it comes in parts.
        parts: The parts of a body that is not whole.
        length: How long such a body is, None where nobody knows.
    """

    method: str
    origin: str = ""
    target: str = field(default="", repr=False)
    headers: tuple[Header, ...] = field(default=(), repr=False)
    body: bytes | None = field(default=b"", repr=False)
    parts: Callable[[], AsyncIterator[bytes]] | None = None
    length: int | None = None
