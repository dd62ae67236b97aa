"""One request through a connection: what to send and when to send it again.

Does no I/O itself, so that the sync and the async transport share every decision.
"""

from typing import final
from urllib.parse import parse_qsl, urlencode

import httpx

from .._values import AccessToken
from ..errors import HostNotAllowed, InvalidInput
from ._guard import check_destination

#: Sending them twice does what sending them once does (RFC 9110 9.2.2).
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
#: TRACE answers with what was sent, and so with the credential (RFC 9110 9.3.8).
_REFUSED_METHODS = frozenset({"TRACE", "CONNECT"})
#: Others change where a request goes, or show it to whoever listens.
_EXTENSIONS = frozenset({"timeout"})
_FORM = "application/x-www-form-urlencoded"


@final
class Exchange:
    """One request, and the copies of it that carry a credential.

    Args:
        request: What the user sees, before and after; never changed.
    """

    __slots__ = ("_request",)

    def __init__(self, request: httpx.Request) -> None:
        self._request = request

    def with_credential(self, token: AccessToken) -> httpx.Request:
        """Return a copy of the request that carries the credential.

        Raises:
            HostNotAllowed: If the credential must not be sent there.
            InvalidInput: If this is no request that can carry it.
        """
        request, name = self._request, token.link_name
        check_destination(request.url, link_name=name, api_hosts=token.api_hosts)
        _check_form_of(request, name)
        match token.param_type:
            case "query":
                return _copy(
                    request, request.headers.copy(), url=_in_query(request, token)
                )
            case "body":
                return _in_form(request, token)
        headers = request.headers.copy()
        headers[token.param_name] = _value(token)
        return _copy(request, headers, url=request.url)

    def was_rejected(self, response: httpx.Response) -> bool:
        """Tell whether a new token may help; a 403 is about permissions, not tokens."""
        return response.status_code == 401

    def may_be_replayed(self, *, used: AccessToken, renewed: AccessToken) -> bool:
        """Tell whether to send the request once more, with a renewed token."""
        return (
            renewed.generation != used.generation
            and self._request.method in _IDEMPOTENT
            and isinstance(self._request.stream, httpx.ByteStream)
        )


def without_traces(
    error: httpx.TransportError, token: AccessToken
) -> httpx.TransportError:
    """Return a transport's error anew, without the frames that held the credential.

    Debuggers and error reporters show the locals of every frame, and those of the
    HTTP library hold the request as it was sent.
    """
    text = str(error).replace(token.access_token.reveal() or "\0", "<secret>")
    return type(error)(text)


def shown_extensions(response: httpx.Response) -> dict[str, object]:
    """Return what of a response's extensions is about the answer alone."""
    shown = ("http_version", "reason_phrase")
    return {k: v for k, v in response.extensions.items() if k in shown}


def _check_form_of(request: httpx.Request, name: str) -> None:
    if request.method in _REFUSED_METHODS:
        raise InvalidInput(
            f"'{name}' sends no {request.method} requests, "
            "because they show the credential to others. Nothing was sent"
        )
    if request.headers.get("host", "").lower() != request.url.netloc.decode("ascii"):
        raise HostNotAllowed(
            f"'{name}' sends the Host header that belongs to the address, "
            "and the request has another. Nothing was sent"
        )
    if not request.extensions.keys() <= _EXTENSIONS:
        named = ", ".join(sorted(request.extensions.keys() - _EXTENSIONS))
        raise InvalidInput(
            f"'{name}' takes no extension but timeout, and the request has {named}. "
            "Nothing was sent"
        )


def _value(token: AccessToken) -> str:
    return token.param_prefix + token.access_token.reveal()


def _copy(
    request: httpx.Request, headers: httpx.Headers, *, url: httpx.URL
) -> httpx.Request:
    return httpx.Request(
        request.method,
        url,
        headers=headers,
        stream=request.stream,
        extensions=request.extensions,
    )


def _in_query(request: httpx.Request, token: AccessToken) -> httpx.URL:
    url = request.url
    if token.param_name in url.params:
        url = url.copy_remove_param(token.param_name)
    # Appended, not merged: what the user wrote keeps its order and encoding.
    added = urlencode({token.param_name: _value(token)}).encode()
    return url.copy_with(query=b"&".join(part for part in (url.query, added) if part))


def _in_form(request: httpx.Request, token: AccessToken) -> httpx.Request:
    written = request.headers.get("content-type", _FORM).partition(";")[0].strip()
    if (
        request.method in {"GET", "HEAD"}
        or written.lower() != _FORM
        or not isinstance(request.stream, httpx.ByteStream)
    ):
        raise InvalidInput(
            f"'{token.link_name}' sends its credential as a form field, "
            "so only a form (data=…) can carry it. Nothing was sent"
        )
    pairs = parse_qsl(request.content.decode(), keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name != token.param_name]
    headers = request.headers.copy()
    headers.pop("content-length", None)
    headers["content-type"] = _FORM
    return httpx.Request(
        request.method,
        request.url,
        headers=headers,
        content=urlencode([*kept, (token.param_name, _value(token))]),
        extensions=request.extensions,
    )
