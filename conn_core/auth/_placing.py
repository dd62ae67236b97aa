"""Where a credential goes in a request. Kernels use this at every call: it is light."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from .._secret import Secret
from .._values import AccessToken
from ..errors import InvalidInput
from ._largest import LARGEST_FORM
from ._parts import Client, Outgoing, TokenSet

if TYPE_CHECKING:
    from .._services import Service

#: Signs a request somewhere else, and returns the headers to send with it.
Sign = Callable[[Outgoing], Mapping[str, str]]

_FORM = "application/x-www-form-urlencoded"
_BLANK = re.compile(r"\{([a-z][a-z0-9_.]*)\}")


def lent(
    service: "Service", client: Client | None, held: TokenSet, **changes: Any
) -> AccessToken:
    """Return what a client gets of a credential.

    Args:
        service: The service, no blank left.
        client: The client registration, whose id some APIs want with every request.
        held: The credential.
        changes: What is otherwise for one type.

    Returns:
        The credential with its places. Of the further secrets only those go along that
        a request needs. Name, generation and expiry are the caller's.
    """
    known = _harmless(service, held)
    if client is not None:
        known["client_id"] = client.client_id
    headers = _filled(service.api_headers, known)
    query = _filled(service.api_query, known)
    named = {n for text in (*headers.values(), *query.values()) for n in _names(text)}
    needed = {n: held.further[n].reveal() for n in sorted(named & held.further.keys())}
    usual: dict[str, Any] = {
        "access_token": held.access_token,
        "token_type": held.token_type,
        "scopes": held.scopes or (),
        "service_name": service.name,
        "param_type": service.param_type,
        "param_name": service.param_name,
        "param_prefix": service.param_prefix,
        "api_base_url": service.api_base_url,
        "api_hosts": service.api_hosts,
        "api_headers": headers,
        "api_query": query,
        "further_secrets": packed(needed) if needed else None,
    }
    return AccessToken(**usual | changes)


def _harmless(service: "Service", held: TokenSet) -> dict[str, str]:
    """Return what was typed beside the credential and is no secret, such as a tenant.

    It is written into its place here: a kernel keeps all that it is lent as a secret out
    of its outputs, and nobody's address should be among that.
    """
    names = [field.name for field in service.credential_fields if not field.secret]
    typed = {n: held.further[n].reveal() for n in names if n in held.further}
    return {name: text for name, text in typed.items() if not _names(text)}


def packed(secrets: Mapping[str, str]) -> Secret:
    """Return several secrets as one."""
    return Secret(json.dumps(dict(secrets)))


def unpacked(token: AccessToken) -> dict[str, str]:
    """Return the further secrets of a credential."""
    if token.further_secrets is None:
        return {}
    found: dict[str, str] = json.loads(token.further_secrets.reveal())
    return found


def place(token: AccessToken, request: Outgoing) -> Outgoing:
    """Return the request with the credential in its place.

    Args:
        token: The credential.
        request: What is to be sent; never changed.

    Raises:
        InvalidInput: If this request cannot carry it.
    """
    request = surrounded(token, request)
    value = token.param_prefix + token.access_token.reveal()
    match token.param_type:
        case "query":
            return _in_query(request, {token.param_name: value})
        case "body":
            return _in_form(request, token, value)
    return _in_headers(request, {token.param_name: value})


def surrounded(token: AccessToken, request: Outgoing) -> Outgoing:
    """Return the request with what every request to this service carries."""
    # Some APIs want the credential itself in a second place.
    secrets = {**unpacked(token), "credential": token.access_token.reveal()}
    request = _in_headers(request, _filled(token.api_headers, secrets))
    return _in_query(request, _filled(token.api_query, secrets))


def _names(text: str) -> list[str]:
    return _BLANK.findall(text)


def _filled(written: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Fill blanks; those that nothing fills stay."""
    return {
        name: _BLANK.sub(lambda blank: values.get(blank[1], blank[0]), text)
        for name, text in written.items()
    }


def _in_headers(request: Outgoing, added: Mapping[str, str]) -> Outgoing:
    taken = {name.lower() for name in added}
    kept = {n: text for n, text in request.headers.items() if n.lower() not in taken}
    return replace(request, headers={**kept, **added})


def _in_query(request: Outgoing, added: Mapping[str, str]) -> Outgoing:
    if not added:
        return request
    base, _, query = request.url.partition("?")
    # What the user wrote keeps its order and encoding.
    kept = [part for part in query.split("&") if part and not _is_one_of(part, added)]
    return replace(request, url=f"{base}?{'&'.join((*kept, urlencode(added)))}")


def _is_one_of(part: str, names: Mapping[str, str]) -> bool:
    return any(name in names for name, _ in parse_qsl(part, keep_blank_values=True))


def form_type(request: Outgoing) -> str:
    """Return the media type of a request's body; empty where none is said."""
    types = [text for n, text in request.headers.items() if n.lower() == "content-type"]
    return types[0].partition(";")[0].strip().lower() if types else ""


def form_to_sign(request: Outgoing, *, link_name: str) -> str:
    """Return what of the body is part of a signature (RFC 5849 3.4.1.3.1).

    Args:
        request: What is to be sent.
        link_name: The connection, for the error.

    Returns:
        The form, as it is sent; empty where the body is none.

    Raises:
        InvalidInput: If it is a form that cannot be signed.
    """
    if form_type(request) != _FORM:
        return ""
    if request.body is None:
        reason = "a form must be given whole (data={…})"
    elif len(request.body) > LARGEST_FORM:
        reason = "a form may have at most 1 MiB"
    elif not request.body.isascii():
        reason = "a form must be percent-encoded (data={…})"
    else:
        return request.body.decode("ascii")
    raise InvalidInput(
        f"'{link_name}' signs its requests, so {reason}. Nothing was sent"
    )


def with_signature(token: AccessToken, request: Outgoing, sign: Sign) -> Outgoing:
    """Return the request, signed somewhere else.

    Args:
        token: What a broker lent; it holds no secret.
        request: What is to be sent; never changed.
        sign: Signs it, with all that every request to the service carries.
    """
    request = surrounded(token, _without_authorization(request))
    return _in_headers(request, sign(request))


def _without_authorization(request: Outgoing) -> Outgoing:
    own = {n: t for n, t in request.headers.items() if n.lower() != "authorization"}
    return replace(request, headers=own)


def _in_form(request: Outgoing, token: AccessToken, value: str) -> Outgoing:
    kind = form_type(request) or _FORM
    if request.method in {"GET", "HEAD"} or kind != _FORM or request.body is None:
        raise InvalidInput(
            f"'{token.link_name}' sends its credential as a form field, "
            "so only a form (data=…) can carry it. Nothing was sent"
        )
    pairs = parse_qsl(request.body.decode(), keep_blank_values=True)
    kept = [(name, text) for name, text in pairs if name != token.param_name]
    body = urlencode([*kept, (token.param_name, value)]).encode()
    written = _in_headers(request, {"Content-Type": _FORM})
    return replace(written, body=body)
