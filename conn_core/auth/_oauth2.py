"""OAuth 2.0: the requests to make and the answers to read. Does no I/O itself."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from .._secret import Secret
from .._services import Service
from ..errors import ProviderError, ProviderUnavailable

_MAX_LIFETIME = 10 * 365 * 24 * 3600
_MAX_TOKEN = 64 * 1024
_MAX_SCOPES = 500
#: What providers say when a refresh token is no longer good (RFC 6749 5.2).
_ENDED = frozenset({"invalid_grant"})
_SECRET_FIELDS = (
    "code",
    "code_verifier",
    "refresh_token",
    "token",
    "client_secret",
)
#: Shorter texts occur in an answer by chance.
_SHORTEST_SECRET = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The client registration that a request is made with."""

    client_id: str
    client_secret: Secret | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A request to a token or revocation endpoint, ready to be sent.

    Attributes:
        secrets: What must not be shown, should the answer repeat it.
    """

    url: str
    fields: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[Secret, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSet:
    """What a token endpoint answered (RFC 6749 5.1).

    Attributes:
        expires_in: Lifetime of the access token, seconds; None when not told.
        scopes: What was granted; None when not told, which means what was asked.
    """

    access_token: Secret
    refresh_token: Secret | None
    token_type: str
    expires_in: float | None
    scopes: tuple[str, ...] | None


class GrantEnded(Exception):
    """The provider said that the refresh token is no longer good."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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

    Args:
        service: The service, its blanks filled.
        client: The client registration.
        redirect_uri: Where the provider sends the browser back to.
        scopes: What to ask for.
        state: The single-use value that ties the answer to this attempt.
        verifier: The PKCE code verifier; only its S256 challenge is sent.
    """
    extra = dict(service.authorization_parameters)
    if service.pkce:
        extra["code_challenge"] = create_s256_code_challenge(verifier)
        extra["code_challenge_method"] = "S256"
    return str(
        prepare_grant_uri(
            service.authorization_endpoint,
            client_id=client.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=service.scope_delimiter.join(scopes),
            state=state,
            **extra,
        )
    )


def code_request(
    service: Service,
    client: Client,
    *,
    code: Secret,
    redirect_uri: str,
    verifier: Secret,
) -> TokenRequest:
    """Build the request that turns a code into tokens (RFC 6749 4.1.3, RFC 7636 4.5)."""
    fields = {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "redirect_uri": redirect_uri,
    }
    if service.pkce:
        fields["code_verifier"] = verifier.reveal()
    return _authenticated(service, client, str(service.token_endpoint), fields)


def refresh_request(
    service: Service, client: Client, *, refresh_token: Secret
) -> TokenRequest:
    """Build the request for a new access token (RFC 6749 6)."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
    url = service.refresh_endpoint or service.token_endpoint
    return _authenticated(service, client, str(url), fields)


def revocation_request(
    service: Service, client: Client, *, token: Secret, hint: str
) -> TokenRequest:
    """Build the request that ends a grant at the provider (RFC 7009 2.1)."""
    fields = {"token": token.reveal(), "token_type_hint": hint}
    return _authenticated(service, client, str(service.revocation_endpoint), fields)


def _authenticated(
    service: Service, client: Client, url: str, fields: dict[str, str]
) -> TokenRequest:
    """Add the client's authentication (RFC 6749 2.3.1)."""
    headers = {"Accept": "application/json"}
    secret = client.client_secret
    match service.token_endpoint_auth_method:
        case "client_secret_basic" if secret is not None:
            # Both halves are form-encoded before they are joined; many libraries
            # forget it, and a secret with ':' or '%' then fails.
            pair = f"{quote_plus(client.client_id)}:{quote_plus(secret.reveal())}"
            encoded = base64.b64encode(pair.encode()).decode()
            headers["Authorization"] = f"Basic {encoded}"
        case "client_secret_post" if secret is not None:
            fields |= {"client_id": client.client_id, "client_secret": secret.reveal()}
        case "client_secret_basic" | "client_secret_post" | "none":
            fields |= {"client_id": client.client_id}
        case other:
            msg = f"Client authentication by {other} is not supported yet"
            raise ProviderError(msg)
    sent = tuple(Secret(fields[name]) for name in _SECRET_FIELDS if name in fields)
    return TokenRequest(
        url=url,
        fields=fields,
        headers=headers,
        secrets=sent if secret is None else (*sent, secret),
    )


def read_token_answer(
    service: Service,
    *,
    status: int,
    content_type: str,
    body: bytes,
    secrets: Sequence[Secret] = (),
) -> TokenSet:
    """Read a token endpoint's answer, tolerantly but within bounds.

    Args:
        service: Whose answer it is; named in errors.
        status: The HTTP status.
        content_type: The answer's media type.
        body: The answer, at most 1 MiB.
        secrets: What was sent; taken out of errors that repeat it.

    Raises:
        GrantEnded: If the provider said ``invalid_grant``.
        ProviderError: If it refused for another reason.
        ProviderUnavailable: If the answer means nothing.
    """
    members = _members(content_type, body)
    error = members.get("error")
    if isinstance(error, dict):
        error = error.get("code") or error.get("message")
    if error or not 200 <= status < 300:
        described = _shown(members.get("error_description"), secrets)
        _raise_refusal(service, status, _shown(error, secrets), described)
    try:
        return _token_set(service, members)
    except (TypeError, ValueError, OverflowError):
        raise ProviderUnavailable(
            f"{service.name} answered without a usable access token", "Try again later"
        ) from None


def _raise_refusal(service: Service, status: int, error: str, described: str) -> None:
    code = error or f"HTTP {status}"
    if code in _ENDED:
        raise GrantEnded(code)
    if (
        status >= 500
        or status == 429
        or code in {"temporarily_unavailable", "server_error"}
    ):
        raise ProviderUnavailable(
            f"{service.name} is not available ({code})", "Try again later"
        )
    reason = f"{code}: {described}" if described else code
    raise ProviderError(
        f"{service.name} refused the request ({reason})",
        "Check the client id and secret",
    )


def _members(content_type: str, body: bytes) -> dict[str, Any]:
    text = body.decode("utf-8-sig", errors="replace").strip()
    if text.startswith("{"):
        try:
            found: dict[str, Any] = json.loads(text, object_pairs_hook=_no_duplicates)
        except (ValueError, RecursionError):
            return {}
        return found
    if "form" in content_type or "text/plain" in content_type:
        try:
            return _no_duplicates(parse_qsl(text, max_num_fields=50))
        except ValueError:
            return {}
    return {}


def _no_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        msg = "a member is there twice"
        raise ValueError(msg)
    return members


def _token_set(service: Service, members: Mapping[str, Any]) -> TokenSet:
    refresh_token = members.get("refresh_token")
    scope = members.get("scope")
    return TokenSet(
        access_token=Secret(_token(members["access_token"]))
        if "access_token" in members
        else _missing(),
        refresh_token=Secret(_token(refresh_token)) if refresh_token else None,
        token_type=_printable(members.get("token_type"))[:40] or "Bearer",
        expires_in=_lifetime(members.get("expires_in", members.get("expires"))),
        scopes=_scopes(scope, service.scope_delimiter),
    )


def _missing() -> Secret:
    msg = "no access token"
    raise ValueError(msg)


def _token(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TOKEN:
        msg = "a token is a text of reasonable length"
        raise ValueError(msg)
    if not value.isascii() or not value.isprintable():
        msg = "a token is printable ASCII"
        raise ValueError(msg)
    return value


def _lifetime(value: object) -> float | None:
    """Read a lifetime; zero, negative and unreadable ones mean *not told*."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    if not 0 < seconds < float("inf"):
        return None
    return min(seconds, _MAX_LIFETIME)


def _scopes(value: object, delimiter: str) -> tuple[str, ...] | None:
    if isinstance(value, list):
        found = [item for item in value if isinstance(item, str)]
    elif isinstance(value, str) and value.strip():
        found = value.replace(delimiter, " ").replace(",", " ").split()
    else:
        return None
    plain = (scope for scope in found if scope.isascii() and scope.isprintable())
    return tuple(dict.fromkeys(plain))[:_MAX_SCOPES]


def _shown(value: object, secrets: Sequence[Secret]) -> str:
    """Return a provider's text as one line, without the secrets that we sent."""
    text = value if isinstance(value, str) else ""
    for secret in map(Secret.reveal, secrets):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "<secret>")
            text = text.replace(quote_plus(secret), "<secret>")
    return _printable(text)


def _printable(value: object) -> str:
    """Return a provider's text as one short printable line."""
    text = value if isinstance(value, str) else ""
    return "".join(c if c.isprintable() else " " for c in text)[:300].strip()
