"""Reading what an authorization server says of itself (RFC 8414, OpenID Discovery)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .._urls import check_endpoint
from ..errors import InvalidInput, ProviderUnavailable
from ._members import members_of
from ._parts import Steps, TokenRequest

_NAMES = (
    "authorization_endpoint",
    "token_endpoint",
    "revocation_endpoint",
    "device_authorization_endpoint",
    "pushed_authorization_request_endpoint",
    "registration_endpoint",
)
#: Texts in a list, and letters in a text.
_MOST = 500
_NO_SCOPE = frozenset(' "\\')
_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a server says of itself, as far as it can be used.

    Attributes:
        issuer: Its name; exactly the address that was asked.
        endpoints: Its addresses: members of a service, by name.
        scopes: What can be asked for.
        token_endpoint_auth_method: The best proof of the client that it takes.
        pkce: It knows S256, or says nothing about it.
        iss_parameter_supported: It names itself in its answers (RFC 9207).
        foreign_hosts: Hosts of endpoints that do not lie under the issuer's own. The
            person who makes the service has to confirm them.
    """

    issuer: str
    endpoints: Mapping[str, str]
    scopes: tuple[str, ...]
    token_endpoint_auth_method: str
    pkce: bool
    iss_parameter_supported: bool
    foreign_hosts: tuple[str, ...]

    @property
    def members(self) -> dict[str, Any]:
        """All of it as members of a ``Service``; the rest of one is a person's."""
        return {
            "issuer": self.issuer,
            **self.endpoints,
            "scopes": tuple({"name": name} for name in self.scopes),
            "token_endpoint_auth_method": self.token_endpoint_auth_method,
            "pkce": self.pkce,
            "iss_parameter_supported": self.iss_parameter_supported,
        }


def discover(issuer: str) -> Steps[Metadata]:
    """Ask a server about itself, in the two places where that can stand.

    Send it with ``drive``; ``Metadata.members`` is what becomes of a service.

    Args:
        issuer: The server's name, an https address.

    Raises:
        InvalidInput: If the address may not be asked, or what it says must not be used.
        ProviderUnavailable: If there is nothing to read.
    """
    _endpoint(issuer, "issuer", issuer)
    if "?" in issuer:
        raise _refused(issuer, "an issuer has no query")
    for url in _places(issuer):
        answer = yield TokenRequest(
            url=url, fields={}, headers={}, secrets=(), method="GET", format="query"
        )
        members = members_of("application/json", answer.body)
        if answer.status == 200 and members:
            return _read(issuer, members)
    raise ProviderUnavailable(
        f"{issuer} does not describe itself", "Enter its addresses by hand"
    )


def _places(issuer: str) -> tuple[str, ...]:
    """Return where a description can stand (RFC 8414 3.1 and 5)."""
    parts = urlsplit(issuer)
    root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    known = root + "/.well-known/"
    return (
        f"{known}oauth-authorization-server{path}",
        f"{root}{path}/.well-known/openid-configuration",
        *((f"{known}openid-configuration{path}",) if path else ()),
    )


def _read(issuer: str, members: Mapping[str, Any]) -> Metadata:
    """Read all or nothing: a half-imported description is nobody's.

    Raises:
        InvalidInput: If it is another server's, or an address in it may not be used.
    """
    if members.get("issuer") != issuer:
        raise _refused(issuer, "it says that it is another server")
    endpoints: dict[str, str] = {}
    for name in _NAMES:
        if name in members:
            endpoints[name] = _endpoint(issuer, name, members[name])
    if "token_endpoint" not in endpoints:
        raise _refused(issuer, "it names no token endpoint")
    own = urlsplit(issuer).hostname or ""
    hosts = {urlsplit(url).hostname or "" for url in endpoints.values()}
    foreign = {host for host in hosts if host != own and not host.endswith(f".{own}")}
    challenges = _texts(members.get("code_challenge_methods_supported"))
    if challenges and "S256" not in challenges:
        raise _refused(issuer, "it protects codes by a method that protects nothing")
    return Metadata(
        issuer=issuer,
        endpoints=endpoints,
        scopes=_scopes(members.get("scopes_supported")),
        token_endpoint_auth_method=_best_method(members),
        # Silence is no reason to send none: servers ignore what they do not know.
        pkce=members.get("code_challenge_methods_supported") != [],
        iss_parameter_supported=(
            members.get("authorization_response_iss_parameter_supported") is True
        ),
        foreign_hosts=tuple(sorted(foreign)),
    )


def _endpoint(issuer: str, name: str, value: object) -> str:
    try:
        return check_endpoint(value if isinstance(value, str) else "")
    except ValueError as error:
        raise _refused(issuer, f"its {name} {error}") from None


def _best_method(members: Mapping[str, Any]) -> str:
    """Return the first of ours that is offered; Basic is what silence means (RFC 8414 2)."""
    offered = _texts(members.get("token_endpoint_auth_methods_supported"))
    return next((m for m in _METHODS if m in offered), "client_secret_basic")


def _scopes(value: object) -> tuple[str, ...]:
    """Return what can be asked for (RFC 6749 3.3: no blank, quote or backslash)."""
    return tuple(t for t in _texts(value) if t and not _NO_SCOPE & set(t))[:_MOST]


def _texts(value: object) -> tuple[str, ...]:
    found = value if isinstance(value, list) else []
    plain = (t for t in found if isinstance(t, str) and t.isascii() and t.isprintable())
    return tuple(dict.fromkeys(t for t in plain if len(t) <= _MOST))[:_MOST]


def _refused(issuer: str, why: str) -> InvalidInput:
    shown = "".join(c for c in issuer if c.isprintable())[:200]
    return InvalidInput(
        f"Nothing was taken from {shown}: {why}",
        "Enter the addresses by hand, from the provider's documentation",
        fields={"issuer": why},
    )
