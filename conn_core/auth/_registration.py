"""Registering ourselves as a client, where a server lets us (RFC 7591)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .._secret import Secret
from .._services import Service
from .._urls import check_endpoint, is_loopback
from ..errors import ProviderUnavailable
from ._answers import raise_refusal
from ._lifetimes import seconds_in
from ._members import members_of
from ._parts import Client, Steps, TokenRequest

_METHODS = ("client_secret_basic", "client_secret_post", "none")
_LONGEST = 2000
#: The end of the year 9999: a moment, not a lifetime.
_FAR = 253_402_300_799


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What a server made of us.

    Attributes:
        client: Id and secret.
        token_endpoint_auth_method: How the server wants to see them; may differ from
            what was asked for (RFC 7591 3.2.1).
        expires_at: When the secret ends, seconds since 1970; None when never.
        management_token: With it the registration can be read and ended (RFC 7592).
        management_uri: … at this address.
    """

    client: Client
    token_endpoint_auth_method: str
    expires_at: float | None
    management_token: Secret | None
    management_uri: str | None


def register_client(
    service: Service, *, name: str, redirect_uris: Sequence[str]
) -> Steps[Registered]:
    """Register a client (RFC 7591 3.1).

    Send it with ``drive``. What comes of it is kept like a registration by hand, with
    ``token_endpoint_auth_method`` on the service.

    Args:
        service: The service; its ``registration_endpoint`` is asked.
        name: What people will read on the consent page.
        redirect_uris: Where the provider may send browsers back to.

    Raises:
        ProviderError: If the server refused.
        ProviderUnavailable: If the answer means nothing.
    """
    grants = [service.grant_type, "refresh_token"]
    if service.grant_type == "device_code":
        grants[0] = "urn:ietf:params:oauth:grant-type:device_code"
    returns = service.grant_type == "authorization_code"
    wanted: dict[str, Any] = {
        "client_name": name,
        "redirect_uris": list(redirect_uris) if returns else [],
        "grant_types": grants,
        "response_types": ["code"] if returns else [],
        "token_endpoint_auth_method": _asked_method(service),
    }
    if any(is_loopback(urlsplit(uri).hostname or "") for uri in redirect_uris):
        # Only applications on a person's machine may come back to it, at any port
        # (RFC 8252 7.3; the name is from OpenID Connect Registration 2).
        wanted["application_type"] = "native"
    if service.default_scopes:
        wanted["scope"] = " ".join(service.default_scopes)
    request = TokenRequest(
        url=str(service.registration_endpoint),
        fields=wanted,
        headers={"Accept": "application/json"},
        secrets=(),
        format="json",
    )
    answer = yield request
    members = members_of(answer.headers.get("content-type", ""), answer.body)
    raise_refusal(service, members, status=answer.status, secrets=())
    return _read(service, members)


def _asked_method(service: Service) -> str:
    """Return how we want to prove ourselves: by a secret where it would be a key.

    A key has to be made and published first, which nobody did.
    """
    method = service.token_endpoint_auth_method
    return method if method in _METHODS else "client_secret_basic"


def _read(service: Service, members: Mapping[str, Any]) -> Registered:
    client_id, secret = _text(members, "client_id"), _text(members, "client_secret")
    method = members.get("token_endpoint_auth_method", _asked_method(service))
    if client_id is None or method not in _METHODS:
        raise ProviderUnavailable(
            f"{service.name} registered a client that cannot be used",
            "Register one by hand",
        )
    token = _text(members, "registration_access_token")
    return Registered(
        client=Client(
            client_id=client_id,
            client_secret=None if secret is None else Secret(secret),
        ),
        token_endpoint_auth_method=method,
        # Zero means never (RFC 7591 3.2.1).
        expires_at=seconds_in(members.get("client_secret_expires_at"), most=_FAR),
        management_token=None if token is None else Secret(token),
        management_uri=_address(members.get("registration_client_uri")),
    )


def _text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        return None
    return value if value.isascii() and value.isprintable() else None


def _address(value: object) -> str | None:
    try:
        return check_endpoint(value if isinstance(value, str) else "")
    except ValueError:
        return None
