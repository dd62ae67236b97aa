"""What all proofs have in common."""

import base64
from collections.abc import Generator, Iterator, Mapping
from typing import Final, Protocol, TypeVar

from .. import auth
from .._secret import Secret
from .._services import Service
from .._urls import host_matches
from .._values import AccessToken
from ._scripted import NOW
from ._wire import Reply, Wire

Result = TypeVar("Result")
Kind = TypeVar("Kind")
#: Says what was seen, and returns what was found.
Found = Generator[str, None, Result]

VERIFIER: Final = "verifier-of-43-characters-and-a-few-more-000"
_CLIENT_ID: Final = "client-of:jupyter"
#: What careless code sends wrongly.
_CLIENT_SECRET: Final = "s:%+ &=/secret"
_BODY_TYPE: Final = "application/x-www-form-urlencoded"


class NotProvenError(Exception):
    """Something did not go as the record says."""


class Provider(Protocol):
    """A scripted provider."""

    missed: list[str]

    def answer(self, wire: Wire) -> Reply:
        """Answer a request to one of the endpoints."""
        ...


def must(found: bool, why: str) -> None:  # noqa: FBT001 - reads like assert
    """Raise NotProvenError when something is not so."""
    if not found:
        raise NotProvenError(why)


def expected(kind: type[Kind], found: object, why: str) -> Kind:
    """Return what was found when it is of a kind; raise NotProvenError otherwise."""
    if isinstance(found, kind):
        return found
    raise NotProvenError(why)


def none_missed(provider: Provider) -> None:
    """Raise NotProvenError with all that a provider missed."""
    must(not provider.missed, "; ".join(provider.missed))


def driven(provider: Provider, steps: auth.Steps[Result]) -> Result:
    """Send what a type asks to be sent, as bytes, and return what it made of it."""
    try:
        return auth.drive(
            steps,
            lambda request: provider.answer(Wire.of_token_request(request)),
            clock=lambda: NOW,
        )
    finally:
        none_missed(provider)


def bare(url: str) -> str:
    """Return an address without its query."""
    return url.partition("?")[0]


def client_of(service: Service) -> auth.Client:
    """Return a client registration with a secret of the kind that the service wants."""
    by_key = service.signature_method == "RSA-SHA1" and service.auth_type == "oauth1"
    if by_key or service.token_endpoint_auth_method == "private_key_jwt":
        return auth.Client(client_id=_CLIENT_ID, client_secret=_private_key())
    if service.token_endpoint_auth_method == "none" and service.auth_type == "oauth2":
        return auth.Client(client_id=_CLIENT_ID, client_secret=None)
    return auth.Client(client_id=_CLIENT_ID, client_secret=Secret(_CLIENT_SECRET))


def typed_into(kind: auth.AuthType, service: Service) -> dict[str, Secret]:
    """Return what a person types who leaves out nothing that is needed."""
    return {
        field.name: Secret(f"typed-{field.name}")
        for field in kind.asks_for(service)
        if not field.default
    }


def look_at_call(
    service: Service,
    token: AccessToken,
    *,
    credential: str,
    typed: Mapping[str, Secret],
) -> Iterator[str]:
    """Make the service's one harmless call, and look where the credential is.

    Args:
        service: The service, no blank left.
        token: What was lent.
        credential: What the provider knows the caller by.
        typed: What a person typed.
    """
    wire = call_of(service, token)
    where = {"header": wire.headers, "query": wire.query, "body": wire.fields}
    name = service.param_name
    name = name.lower() if service.param_type == "header" else name
    prefix = "Basic " if service.auth_type == "basic" else service.param_prefix
    found = where[service.param_type].get(name)
    must(found == prefix + credential, f"the credential is not in {service.param_name}")
    in_address = service.param_type == "query"
    must(in_address or credential not in wire.url, "the credential is in the address")
    known = {name: secret.reveal() for name, secret in typed.items()}
    known |= {"client_id": _CLIENT_ID, "credential": credential}
    for template, found_in in (
        (service.api_headers, wire.headers),
        (service.api_query, wire.query),
    ):
        for key, text in template.items():
            for blank, value in known.items():
                text = text.replace(f"{{{blank}}}", value)  # noqa: PLW2901 - filled bit by bit
            sent = found_in.get(key.lower() if found_in is wire.headers else key)
            must(sent == text, f"{key} is not sent as the record says")
    yield (
        f"A call to {bare(wire.url)} carries the credential in the {service.param_type} "
        f"({service.param_name})"
    )


def call_of(
    service: Service, token: AccessToken, *, sign: auth.Sign | None = None
) -> Wire:
    """Return the service's harmless call as it arrives, with a credential.

    Args:
        service: The service, no blank left.
        token: What was lent.
        sign: Signs it, where the broker does that.
    """
    as_form = service.param_type == "body"
    request = auth.Outgoing(
        method="POST" if as_form else "GET",
        url=service.api_base_url + (service.test_path or "/"),
        headers={"Content-Type": _BODY_TYPE} if as_form else {},
    )
    wire = Wire.of_call(auth.apply(token, request, now=NOW, sign=sign))
    host, _, port = wire.host.partition(":")
    allowed = (host_matches(h, host, int(port or 443)) for h in token.api_hosts)
    must(any(allowed), f"{wire.host} is none of the allowed hosts")
    return wire


def basic_pair(user: str, password: str) -> str:
    """Return Basic credentials (RFC 7617)."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _private_key() -> Secret:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - rare
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - rare

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Secret(pem.decode())
