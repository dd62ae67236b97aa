"""The requests of OAuth 2.0, with the habits of each provider."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from .._habits import Exchange
from .._secret import Secret
from .._services import Service
from ..errors import ProviderError, RegistrationRequired
from ._assertion import ASSERTION_TYPE, client_assertion
from ._identity import nonce_of
from ._parts import Client, TokenRequest

#: The scope that asks for an identity token (OpenID Connect Core 3.1.2.1).
OPENID = "openid"
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_SECRET_FIELDS = frozenset(
    {
        "client_assertion",
        "code",
        "code_verifier",
        "device_code",
        "refresh_token",
        "token",
    }
)


def authorization_url(
    service: Service,
    client: Client,
    *,
    redirect_uri: str,
    scopes: Sequence[str],
    state: str,
    verifier: str,
) -> str:
    """Build the address of the provider's consent page (RFC 6749 4.1.1, RFC 7636 4.3).

    Where an identity token is asked for, with a ``nonce`` (OpenID Connect Core 3.1.2.1).

    Args:
        service: The service; blanks that are left take their defaults.
        client: The client registration.
        redirect_uri: Where the provider sends the browser back to.
        scopes: What to ask for.
        state: The single-use value that ties the answer to this attempt.
        verifier: The PKCE code verifier; only its S256 challenge is sent.
    """
    # Who only uses a connection does not pay for them.
    from authlib.common.urls import add_params_to_uri  # noqa: PLC0415
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

    service = service.with_defaults()
    request, callback = service.habits.request, service.habits.callback
    asked = {
        "response_type": "code",
        request.authorization_client_id or request.client_id: client.client_id,
        "redirect_uri": redirect_uri,
        request.authorization_scope: service.scope_delimiter.join(scopes),
        callback.state: state,
        **service.authorization_parameters,
    }
    if OPENID in scopes:
        asked["nonce"] = nonce_of(Secret(verifier))
    if service.pkce:
        asked["code_challenge"] = create_s256_code_challenge(verifier)
        asked["code_challenge_method"] = "S256"
    told = [(name, value) for name, value in asked.items() if value]
    return str(add_params_to_uri(service.authorization_endpoint, told))


def pushed_request(
    service: Service, client: Client, *, consent_url: str, now: float
) -> TokenRequest:
    """Build the request that hands over what is asked for beforehand (RFC 9126 2.1).

    Args:
        service: The service.
        client: The client registration.
        consent_url: What ``authorization_url`` returned.
        now: Seconds since 1970.
    """
    query = urlsplit(consent_url).query
    url = str(service.pushed_authorization_request_endpoint)
    # Some servers want the client id in the body beside the Basic credentials, too.
    fields = dict(parse_qsl(query, keep_blank_values=True))
    return _proven(service, client, url, fields, now=now, plain=True)


def consent_url_of(service: Service, client: Client, request_uri: str) -> str:
    """Build the address of the consent page for a pushed request (RFC 9126 4)."""
    habits = service.habits.request
    name = habits.authorization_client_id or habits.client_id
    query = urlencode({name: client.client_id, "request_uri": request_uri})
    url = str(service.with_defaults().authorization_endpoint)
    return f"{url}{'&' if '?' in url else '?'}{query}"


def code_request(
    service: Service,
    client: Client,
    *,
    code: Secret,
    redirect_uri: str,
    verifier: Secret,
    now: float | None = None,
) -> TokenRequest:
    """Build the request that turns a code into tokens (RFC 6749 4.1.3, RFC 7636 4.5)."""
    habits, url = service.habits.request, str(service.token_endpoint)
    fields = {
        "grant_type": "authorization_code",
        habits.code: code.reveal(),
        "redirect_uri": redirect_uri,
    }
    if habits.redirect_uri_in_query:
        joint = "&" if "?" in url else "?"
        url += joint + urlencode({"redirect_uri": fields.pop("redirect_uri")})
    if service.pkce:
        fields["code_verifier"] = verifier.reveal()
    return _proven(service, client, url, fields, now=now)


def client_request(
    service: Service, client: Client, *, scopes: Sequence[str], now: float | None = None
) -> TokenRequest:
    """Build the request of a client that acts for itself (RFC 6749 4.4.2)."""
    fields = {"grant_type": "client_credentials"}
    if scopes:
        fields["scope"] = service.scope_delimiter.join(scopes)
    return _proven(service, client, str(service.token_endpoint), fields, now=now)


def refresh_request(
    service: Service,
    client: Client,
    *,
    refresh_token: Secret,
    now: float | None = None,
) -> TokenRequest:
    """Build the request for a new access token (RFC 6749 6)."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
    fields |= service.habits.request.refresh_parameters
    url = service.refresh_endpoint or service.token_endpoint
    return _proven(service, client, str(url), fields, now=now)


def device_request(
    service: Service, client: Client, *, scopes: Sequence[str], now: float | None = None
) -> TokenRequest:
    """Build the request for a code to be typed on another device (RFC 8628 3.1)."""
    fields = {"scope": service.scope_delimiter.join(scopes)} if scopes else {}
    url = str(service.device_authorization_endpoint)
    return _proven(service, client, url, fields, now=now, plain=True)


def poll_request(
    service: Service, client: Client, *, device_code: Secret, now: float | None = None
) -> TokenRequest:
    """Build the question whether the person has typed the code (RFC 8628 3.4)."""
    fields = {"grant_type": _DEVICE_GRANT, "device_code": device_code.reveal()}
    return _proven(service, client, str(service.token_endpoint), fields, now=now)


def revocation_request(
    service: Service,
    client: Client,
    *,
    token: Secret,
    hint: str,
    now: float | None = None,
) -> TokenRequest:
    """Build the request that ends a grant at the provider (RFC 7009 2.1)."""
    fields = {"token": token.reveal(), "token_type_hint": hint}
    url = str(service.revocation_endpoint)
    return _proven(service, client, url, fields, now=now, plain=True)


def exchange_request(
    service: Service, client: Client, exchange: Exchange, *, url: str, token: Secret
) -> TokenRequest:
    """Build the request that exchanges an access token for one that lives longer."""
    habits = service.habits.request
    fields = {"grant_type": exchange.grant_type, exchange.token: token.reveal()}
    if "client_id" in exchange.sends:
        fields[habits.client_id] = client.client_id
    secret = client.client_secret
    if "client_secret" in exchange.sends:
        fields[habits.client_secret] = _needed(service, secret).reveal()
    return TokenRequest(
        url=url,
        fields=fields,
        headers={"Accept": "application/json"},
        secrets=(token,) if secret is None else (token, secret),
        method=exchange.method,
        format="query" if exchange.method == "GET" else "form",
    )


def by_the_other_method(service: Service) -> Service | None:
    """Return the service with the other way to send the client secret, if there is one.

    Descriptions of services are often wrong about it, and a server that refuses the
    client has not looked at the grant yet.
    """
    others: dict[str, Any] = {
        "client_secret_basic": "client_secret_post",
        "client_secret_post": "client_secret_basic",
    }
    other = others.get(service.token_endpoint_auth_method)
    if other is None:
        return None
    return service.model_copy(update={"token_endpoint_auth_method": other})


def _proven(
    service: Service,
    client: Client,
    url: str,
    fields: dict[str, str],
    *,
    now: float | None,
    plain: bool = False,
) -> TokenRequest:
    """Add the proof who the client is (RFC 6749 2.3.1), and the provider's habits.

    ``plain`` endpoints are no token endpoints: they take forms, whatever that one takes.
    """
    habits = service.habits.request
    sent = {n: t for n, t in fields.items() if n in _SECRET_FIELDS or n == habits.code}
    headers = {"Accept": "application/json", **habits.headers}
    proof = _proof(service, client, url, now)
    sent |= {n: t for n, t in proof.items() if n in _SECRET_FIELDS}
    authorization = proof.pop("Authorization", None)
    if authorization is not None:
        headers["Authorization"] = authorization
    if not plain:
        fields = {**habits.parameters, **fields}
    secrets = tuple(Secret(text) for text in sent.values())
    secret = client.client_secret
    request = TokenRequest(
        url=url,
        fields=fields | proof,
        headers=headers,
        secrets=secrets if secret is None else (*secrets, secret),
    )
    if plain:
        return request
    shape = "query" if habits.method == "GET" else habits.format
    return replace(request, method=habits.method, format=shape)


def _proof(
    service: Service, client: Client, url: str, now: float | None
) -> dict[str, str]:
    habits, secret = service.habits.request, client.client_secret
    named = {habits.client_id: client.client_id}
    match service.token_endpoint_auth_method:
        case "private_key_jwt" if now is None:
            msg = "Client authentication by private_key_jwt is not supported yet"
            raise ProviderError(msg)
        case "private_key_jwt":
            signed = client_assertion(
                service,
                client_id=client.client_id,
                key=_needed(service, secret),
                endpoint=url,
                now=now or 0.0,
            )
            named["client_assertion_type"] = ASSERTION_TYPE
            return named | {"client_assertion": signed}
        case "client_secret_basic" if secret is not None:
            return {"Authorization": _basic(habits.basic, client.client_id, secret)}
        case "client_secret_post" if secret is not None:
            return named | {habits.client_secret: secret.reveal()}
    return named


def _basic(way: str, client_id: str, secret: Secret) -> str:
    match way:
        case "encoded":
            # Both halves are form-encoded before they are joined; many libraries
            # forget it, and a secret with ':' or '%' then fails.
            pair = f"{quote_plus(client_id)}:{quote_plus(secret.reveal())}"
        case "plain":
            pair = f"{client_id}:{secret.reveal()}"
        case _:
            pair = f"{secret.reveal()}:"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _needed(service: Service, secret: Secret | None) -> Secret:
    if secret is None:
        raise RegistrationRequired(
            f"The client registration with {service.name} has no client secret, and "
            "it is needed here",
            f"Run %conn service register {service.id}",
        )
    return secret
