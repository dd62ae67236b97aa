"""One request through a connection: what to send, and when to send it again.

Does no I/O itself, so that the sync and the async transport share every decision.
"""

from typing import Final
from urllib.parse import parse_qsl, urlencode

import httpcore
import httpx

from .._values import AccessToken
from ..errors import HostNotAllowed, InvalidInput
from ._guard import check_destination

#: Sending them twice does what sending them once does (RFC 9110 9.2.2).
_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
#: TRACE answers with what was sent, and so with the credential (RFC 9110 9.3.8).
_REFUSED_METHODS: Final = frozenset({"TRACE", "CONNECT"})
#: Others change where a request goes, or show it to whoever listens.
_EXTENSIONS: Final = frozenset({"timeout"})
_FORM: Final = "application/x-www-form-urlencoded"

Pairs = list[tuple[bytes, bytes]]


def outgoing(request: httpx.Request, token: AccessToken) -> httpcore.Request:
    """Return what goes over the wire: the request, with the credential.

    The request itself is never changed: what a user prints holds no credential.

    Raises:
        HostNotAllowed: If the credential must not be sent there.
        InvalidInput: If this is no request that can carry it.
    """
    url, content = request.url, request.stream
    check_destination(url, link_name=token.link_name, api_hosts=token.api_hosts)
    _check_form_of(request, token.link_name)
    value = token.param_prefix + token.access_token.reveal()
    if token.param_type == "header":
        headers = _headers(request, token, without=token.param_name.lower().encode())
        headers.append((token.param_name.encode(), value.encode()))
    else:
        headers = _headers(request, token, without=b"")
        if token.param_type == "query":
            url = _in_query(url, name=token.param_name, value=value)
        else:
            form = _in_form(request, token, value=value)
            headers = _of_form(headers, form)
            content = httpx.ByteStream(form)
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    return httpcore.Request(
        request.method,
        target,
        headers=headers,
        content=content,
        extensions=request.extensions,
    )


def may_be_replayed(
    request: httpx.Request, *, used: AccessToken, renewed: AccessToken
) -> bool:
    """Tell whether to send a refused request once more, with a renewed token."""
    return (
        renewed.generation != used.generation
        and request.method in _IDEMPOTENT
        and isinstance(request.stream, httpx.ByteStream)
    )


def _check_form_of(request: httpx.Request, name: str) -> None:
    if request.method in _REFUSED_METHODS:
        raise InvalidInput(
            f"'{name}' sends no {request.method} requests, "
            "because they show the credential to others. Nothing was sent"
        )
    if not request.extensions.keys() <= _EXTENSIONS:
        named = ", ".join(sorted(request.extensions.keys() - _EXTENSIONS))
        raise InvalidInput(
            f"'{name}' takes no extension but timeout, and the request has {named}. "
            "Nothing was sent"
        )


def _headers(request: httpx.Request, token: AccessToken, *, without: bytes) -> Pairs:
    """Return the request's own headers, but none in the credential's place."""
    kept, here, has_host = [], request.url.netloc, False
    for pair in request.headers.raw:
        name = pair[0].lower()
        if name == b"host":
            has_host = True
            if pair[1].lower() != here:
                raise HostNotAllowed(
                    f"'{token.link_name}' sends the Host header that belongs to the "
                    "address, and the request has another. Nothing was sent"
                )
        if name != without:
            kept.append(pair)
    return kept if has_host else [(b"Host", here), *kept]


def _in_query(url: httpx.URL, *, name: str, value: str) -> httpx.URL:
    if name in url.params:
        url = url.copy_remove_param(name)
    # Appended, not merged: what the user wrote keeps its order and encoding.
    added = urlencode({name: value}).encode()
    return url.copy_with(query=b"&".join(part for part in (url.query, added) if part))


def _in_form(request: httpx.Request, token: AccessToken, *, value: str) -> bytes:
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
    kept = [pair for pair in pairs if pair[0] != token.param_name]
    return urlencode([*kept, (token.param_name, value)]).encode()


def _of_form(headers: Pairs, form: bytes) -> Pairs:
    replaced = {b"content-length", b"content-type"}
    kept = [pair for pair in headers if pair[0].lower() not in replaced]
    length = str(len(form)).encode()
    return [*kept, (b"Content-Type", _FORM.encode()), (b"Content-Length", length)]
