"""requests: a session for one service, whose requests are carried by our own client."""

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from email.message import Message
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse, Retry
from urllib3.exceptions import MaxRetryError

from conn_core.errors import InvalidInput

from ._by_name import ByName
from ._context import Context

if TYPE_CHECKING:
    from conn_core.http import CarriedAnswer

_CHUNK = 65536


def session(context: Context) -> "ConnectedSession":
    """Return a ``requests.Session``; relative addresses are relative to the service's.

    The credential is never in the session, a request or a response: it is added on the
    way out, for the service's own hosts only, at every hop.

    Args:
        context: The connection.
    """
    return ConnectedSession(context)


class ConnectedSession(ByName, requests.Session):
    """A session for one connection; listens to no environment and no ``.netrc``."""

    adapter = "requests"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.trust_env = False
        self._base_url = context.base_url
        self.adapters.clear()
        self.mount("https://", ConnectedAdapter(context))
        self.mount("http://", ConnectedAdapter(context))

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Prepare a request; see ``requests.Session.prepare_request``.

        Raises:
            InvalidInput: If another credential is given with ``auth=``.
        """
        if request.auth or self.auth:
            raise InvalidInput(
                f"'{self.context.link_name}' brings its own credential, so auth= is not "
                "taken. Nothing was sent"
            )
        # Somebody may send the same request again, through another session.
        whole = requests.Request(**vars(request) | {"url": self._joined(request.url)})
        return super().prepare_request(whole)

    def _joined(self, url: Any) -> str:
        text = url.decode() if isinstance(url, bytes) else str(url)
        return text if "://" in text else f"{self._base_url}/{text.lstrip('/')}"


class ConnectedAdapter(HTTPAdapter):
    """Hands requests to a connection's courier, and no socket to requests.

    Args:
        context: The connection.
        retries: What to do with an answer that says *later*, as urllib3 has it.
    """

    def __init__(self, context: Context, *, retries: Retry | int = 0) -> None:
        super().__init__(max_retries=retries)
        self._context = context

    def send(  # noqa: PLR0917 - the base class's signature
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - as above
        timeout: Any = None,
        verify: Any = True,  # noqa: FBT002 - as above
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request through the connection.

        Raises:
            HostNotAllowed: If the credential must not be sent there.
            InvalidInput: If it is to go another way than the connection's.
            ConnectionsError: If the connection cannot be used.
        """
        del stream
        if verify is not True or cert or proxies:
            raise InvalidInput(
                f"'{self._context.link_name}' has its own way to the service, so verify=, "
                "cert= and proxies= are not taken. Nothing was sent"
            )
        waits = self._context.timeout if timeout is None else timeout
        try:
            return self.build_response(request, self._answered(request, waits))
        except MaxRetryError as error:
            raise requests.exceptions.RetryError(error, request=request) from error

    def _answered(
        self, request: requests.PreparedRequest, timeout: Any
    ) -> HTTPResponse:
        """Return the first answer that does not say *later*."""
        method, retries = request.method or "", self.max_retries
        while True:
            raw = self._carried(request, timeout)
            if not retries.is_retry(method, raw.status, "Retry-After" in raw.headers):
                return raw
            retries = retries.increment(method, request.url, response=raw)
            raw.drain_conn()
            retries.sleep(raw)

    def _carried(self, request: requests.PreparedRequest, timeout: Any) -> HTTPResponse:
        try:
            answer = self._context.courier.carry(
                request.method or "",
                request.url or "",
                headers=request.headers.items(),
                body=_parts(request.body),
                timeout=timeout,
            )
        except TimeoutError as error:
            problem: requests.RequestException = requests.Timeout(str(error))
        except ConnectionError as error:
            problem = requests.ConnectionError(str(error))
        else:
            return _as_urllib3(answer, method=request.method)
        problem.request = request
        raise problem

    def close(self) -> None:
        """Close every socket."""
        self._context.courier.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return ConnectedAdapter, (self._context,)


def _parts(body: Any) -> bytes | Iterable[bytes]:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        return iter(functools.partial(body.read, _CHUNK), b"")
    found: bytes | Iterable[bytes] = body
    return found


@dataclasses.dataclass(slots=True)
class _Head:
    """What urllib3 asks an answer of the standard library; requests finds cookies in it."""

    msg: Message

    def isclosed(self) -> bool:
        """Who reads the body decides."""
        return False

    def close(self) -> None:
        """There is nothing below."""


def _as_urllib3(answer: "CarriedAnswer", *, method: str | None) -> HTTPResponse:
    head = Message()
    for name, value in answer.headers:
        head[name] = value
    return HTTPResponse(
        body=answer,
        headers=HTTPHeaderDict(answer.headers),
        status=answer.status,
        reason=answer.reason,
        version=11,
        preload_content=False,
        decode_content=False,
        original_response=_Head(head),
        request_method=method,
    )
