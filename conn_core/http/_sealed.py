"""One request of a sealed connection: the broker's relay is asked to send it.

The credential is not in this process. What goes over the wire here is the request as it
is, without a credential, to our own server, which adds it and returns the answer.
Does no I/O itself, so that the sync and the async transport share every decision.
"""

import json
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpcore
import httpx

from .._secret import Secret
from .._values import AccessToken
from ..errors import BrokerUnavailable, ConnectionsError, error_from_json
from ._exchange import IDEMPOTENT, Pairs, check_form_of, own_headers
from ._guard import check_destination
from ._wire import as_httpx

if TYPE_CHECKING:
    from ..broker import Relay
    from ._source import TokenSource

#: Where the request goes: the path that follows the relay's address is absolute there.
_ORIGIN: Final = b"X-Connections-Origin"
_PLACE: Final = b"X-Connections-Place"
#: Before the name of a header that would mean something to our own server.
_FORWARD: Final = b"X-Connections-Forward-"
#: The service's answer has it, and what our own server says has not.
_UPSTREAM: Final = b"x-connections-upstream"
_OURS: Final = b"x-connections-"
#: Only browsers send them to our server, or it and proxies before it go by them.
_MEANT_FOR_US: Final = frozenset(
    {
        b"authorization",
        b"cookie",
        b"forwarded",
        b"origin",
        b"referer",
        b"via",
        b"x-real-ip",
        b"x-scheme",
        b"x-xsrftoken",
    }
)
_HANGING_UP: Final = (
    httpcore.RemoteProtocolError,
    httpcore.ReadError,
    httpcore.WriteError,
)
_PREFIXES_FOR_US: Final = (_OURS, b"sec-", b"x-forwarded-", b"x-proxy-")


def relayed(
    request: httpx.Request, token: AccessToken, relay: "Relay", *, bearer: Secret
) -> httpcore.Request:
    """Return what goes over the wire: the request, addressed to the relay.

    Args:
        request: What the user asked for; it is not changed.
        token: What the broker says of the connection; it holds no credential.
        relay: The way through the broker.
        bearer: What to show there.

    Raises:
        HostNotAllowed: If the request may not go where it wants to.
        InvalidInput: If this is no request that can carry a credential.
    """
    check_destination(request.url, link_name=token.link_name, api_hosts=token.api_hosts)
    check_form_of(request, token.link_name)
    address = httpx.URL(relay.address)
    target = httpcore.URL(
        scheme=address.raw_scheme,
        host=address.raw_host,
        port=address.port,
        target=address.raw_path + request.url.raw_path,
    )
    return httpcore.Request(
        request.method,
        target,
        headers=[
            (b"Host", address.netloc),
            (b"Authorization", b"Bearer " + bearer.reveal().encode()),
            (_ORIGIN, _origin(request.url)),
            *([(_PLACE, relay.place.encode())] if relay.place else []),
            *_wrapped(request, token),
        ],
        content=request.stream,
        extensions=request.extensions,
    )


def _origin(url: httpx.URL) -> bytes:
    return url.raw_scheme + b"://" + url.netloc


def _wrapped(request: httpx.Request, token: AccessToken) -> Pairs:
    """Return the request's own headers, so named that our server does not heed them."""
    in_header = token.param_type == "header"
    taken = token.param_name.lower().encode() if in_header else b""
    return [
        (_FORWARD + name if _is_meant_for_us(name.lower()) else name, value)
        for name, value in own_headers(request, token, without=taken)
        if name.lower() != b"host"
    ]


def _is_meant_for_us(name: bytes) -> bool:
    return name in _MEANT_FOR_US or name.startswith(_PREFIXES_FOR_US)


def is_upstreams(answer: httpcore.Response) -> bool:
    """Tell whether an answer is the service's; our own server's is an error."""
    return any(name.lower() == _UPSTREAM for name, _ in answer.headers)


def headers_of(answer: httpcore.Response) -> Pairs:
    """Return the headers that the service sent."""
    return [pair for pair in answer.headers if not pair[0].lower().startswith(_OURS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What our own server answered, without the answer: that knows what was sent.

    Attributes:
        status: Its HTTP status.
        problem: The error that it tells.
    """

    status: int
    problem: ConnectionsError


#: What comes of one attempt: the service's answer, our server's, or no answer in time.
Outcome = httpx.Response | Refusal | Exception


def attempts(
    request: httpx.Request, relay: "Relay"
) -> Generator[Secret, Outcome, Outcome]:
    """Decide when to send a request, and when to send it again.

    Yields what to show our server each time, is sent what came of it, and returns what
    came of it in the end. Whoever goes through it does nothing but send.

    Args:
        request: What the user asked for.
        relay: The way through the broker.
    """
    bearer = relay.bearer()
    outcome = yield bearer
    if isinstance(outcome, HungUp) and may_be_repeated(request):
        hung_up, outcome = outcome, (yield bearer)
        if isinstance(outcome, BrokerUnavailable):
            return hung_up
    if isinstance(outcome, Refusal):
        another = _another_bearer(request, relay, outcome, bearer)
        if another is not None:
            outcome = yield another
    return outcome


def answer_in(outcome: Outcome, source: "TokenSource") -> httpx.Response:
    """Return the service's answer.

    Args:
        outcome: What came of the last attempt.
        source: Told to ask anew where our server refused.

    Raises:
        ConnectionsError: What our server says, when it did not send the request.
        TransportError: If there is no answer in time.
    """
    if isinstance(outcome, Refusal):
        source.doubt(outcome.problem)
        raise outcome.problem
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _another_bearer(
    request: httpx.Request, relay: "Relay", refusal: Refusal, refused: Secret
) -> Secret | None:
    """Return what to show the server where it refused what it was shown.

    It may have been restarted, and nothing was done: any request may be sent again
    whose body is still there.
    """
    may_be_another = refusal.status in {401, 403}
    if not may_be_another or not isinstance(request.stream, httpx.ByteStream):
        return None
    found = relay.bearer(refused=refused)
    return None if found.same_as(refused.reveal()) else found


def refusal_in(status: int, body: bytes) -> Refusal:
    """Make the error again that our own server answered."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    told = found if isinstance(found, dict) else {}
    return Refusal(status=status, problem=error_from_json(told, status=status))


class HungUp(BrokerUnavailable, httpx.RemoteProtocolError):
    """The server that holds the credential was gone before it had answered.

    It is httpx's error too: the client itself may have hung up.
    """

    def __init__(self) -> None:
        super().__init__(
            "The server that holds the credential hung up before it answered: what was "
            "asked for may have been done",
            "Look whether it was, then run the cell again; %conn env shows the server",
        )


def may_be_repeated(request: httpx.Request) -> bool:
    """Tell whether a request may be sent to whoever takes a dying server's place."""
    is_there = isinstance(request.stream, httpx.ByteStream)
    return is_there and request.method in IDEMPOTENT


def as_trouble(error: Exception, bearer: Secret) -> Exception:
    """Return the error of a request that has no answer.

    Made anew, as in ``as_httpx``: it is raised without the one it stands for.
    """
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
        return BrokerUnavailable(
            "The server that holds the credential cannot be reached", "Run %conn env"
        )
    if isinstance(error, _HANGING_UP):
        return HungUp()
    return as_httpx(error, secret=bearer.reveal())
