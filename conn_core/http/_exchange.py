"""One request through a connection: what to send, and when to send it again.

Does no I/O itself, so that the sync and the async transport share every decision.
"""

import time
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

from .._rules import Rules
from .._values import AccessToken
from ..errors import HostNotAllowed, InvalidInput
from ._guard import check_destination
from ._ruling import refuse_by_rules, refuse_other_methods

if TYPE_CHECKING:
    from ..auth import Sign

#: Sending them twice does what sending them once does (RFC 9110 9.2.2).
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
#: TRACE answers with what was sent, and so with the credential (RFC 9110 9.3.8).
_REFUSED_METHODS: Final = frozenset({"TRACE", "CONNECT"})
#: Others change where a request goes, or show it to whoever listens.
_EXTENSIONS: Final = frozenset({"timeout"})

Pairs = list[tuple[bytes, bytes]]


def outgoing(
    request: httpx.Request, token: AccessToken, *, sign: "Sign"
) -> httpcore.Request:
    """Return what goes over the wire: the request, with the credential.

    The request itself is never changed: what a user prints holds no credential.

    Args:
        request: What the user asked for.
        token: What the broker lent.
        sign: Asks the broker for a signature; called where ``is_signed_by_broker``.

    Raises:
        HostNotAllowed: If the credential must not be sent there.
        InvalidInput: If this is no request that can carry it.
        MethodNotAllowed: If the connection's rules do not include it.
    """
    check_destination(request.url, link_name=token.link_name, api_hosts=token.api_hosts)
    check_form_of(request, token.link_name)
    if token.rules:
        _hold_to_rules(request, token.rules, token.link_name)
    if token.param_type != "header" or _has_more_to_carry(token):
        return _with_all_it_needs(request, token, sign)
    # The usual case, and every call's: nothing is copied but the list of headers.
    headers = own_headers(request, token, without=token.param_name.lower().encode())
    value = token.param_prefix + token.access_token.reveal()
    headers.append((token.param_name.encode(), value.encode()))
    return _over_the_wire(request, request.url, headers, request.stream)


def _hold_to_rules(request: httpx.Request, rules: Rules, link_name: str) -> None:
    """Do as the relay does, where no server is there that could."""
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    refuse_by_rules(request.method, path, rules, link_name=link_name)
    refuse_other_methods(request.headers, link_name=link_name)


def is_signed_by_broker(token: AccessToken) -> bool:
    """Tell whether each request needs the broker, and so has to wait for it."""
    return token.signed_by == "oauth1"


def _has_more_to_carry(token: AccessToken) -> bool:
    return bool(token.signed_by or token.api_headers or token.api_query)


def _with_all_it_needs(
    request: httpx.Request, token: AccessToken, sign: "Sign"
) -> httpcore.Request:
    """Let the authentication type place or sign: query, form, several keys, signatures."""
    from .. import auth  # noqa: PLC0415 - most credentials are one header

    stream = request.stream
    # Not the request's content, which that of a redirect does not have.
    body = b"".join(stream) if isinstance(stream, httpx.ByteStream) else None
    own = own_headers(request, token, without=b"")
    named = {name.decode("latin-1"): value.decode("latin-1") for name, value in own}
    # A fragment stays here (RFC 9110 4.2.5).
    url = str(request.url).partition("#")[0]
    asked = auth.Outgoing(method=request.method, url=url, headers=named, body=body)
    made = auth.apply(token, asked, now=time.time(), sign=sign)
    headers = [
        (n.encode("latin-1"), v.encode("latin-1")) for n, v in made.headers.items()
    ]
    if made.body is not None and made.body != body:
        length = str(len(made.body)).encode()
        headers = [pair for pair in headers if pair[0].lower() != b"content-length"]
        headers.append((b"Content-Length", length))
        stream = httpx.ByteStream(made.body)
    return _over_the_wire(request, httpx.URL(made.url), headers, stream)


def _over_the_wire(
    request: httpx.Request, url: httpx.URL, headers: Pairs, content: Any
) -> httpcore.Request:
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
        and request.method in IDEMPOTENT
        and isinstance(request.stream, httpx.ByteStream)
    )


def check_form_of(request: httpx.Request, name: str) -> None:
    """Refuse what shows a credential to others, or leads elsewhere.

    Args:
        request: What the user asked for.
        name: The connection, for the error.

    Raises:
        InvalidInput: If the request cannot carry a credential.
    """
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


def own_headers(request: httpx.Request, token: AccessToken, *, without: bytes) -> Pairs:
    """Return the request's own headers, but none in the credential's place.

    Args:
        request: What the user asked for.
        token: What the broker says of the connection.
        without: The credential's header, in lower case.

    Raises:
        HostNotAllowed: If its Host header is another one than the address's.
    """
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
