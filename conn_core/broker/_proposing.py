"""Learning about a service, so that a form can fill itself. Nothing is stored."""

from typing import Any
from urllib.parse import urlsplit

from .. import auth
from .._openapi import read_openapi
from .._toml import members_from_toml
from .._values import ServiceProposal
from ..errors import InvalidInput
from ._usable import refuse_odd_port
from ._workshop import Workshop


def propose(
    workshop: Workshop, *, issuer: str | None, openapi: str | None, toml: str | None
) -> ServiceProposal:
    """Learn about a service from exactly one source.

    Raises:
        InvalidInput: If there is none, or more than one, or nothing to learn from it.
        ProviderUnavailable: If a server does not describe itself.
    """
    given = [name for name in (issuer, openapi, toml) if name is not None]
    if len(given) != 1:
        raise InvalidInput(
            "A service is learned from one source: an issuer, an OpenAPI document or TOML"
        )
    if issuer is not None:
        return _from_issuer(workshop, issuer.strip())
    if openapi is not None:
        return read_openapi(openapi)
    return ServiceProposal(service=members_from_toml(str(toml)))


def _from_issuer(workshop: Workshop, issuer: str) -> ServiceProposal:
    ports = workshop.settings.allowed_ports
    refuse_odd_port(issuer, member="issuer", allowed_ports=ports)
    found = workshop.drive(auth.discover(issuer))
    notes = [f"{urlsplit(issuer).hostname} said: {', '.join(_told(found.members))}."]
    if found.foreign_hosts:
        hosts = ", ".join(found.foreign_hosts)
        notes.append(f"Some addresses lie elsewhere: {hosts}. Go on if you trust them.")
    if "registration_endpoint" in found.endpoints:
        notes.append("It registers clients by itself: no client id is needed.")
    else:
        notes.append("It registers no clients by itself: enter a client id of yours.")
    notes.append("It does not say where its API is: enter the API base URL.")
    return ServiceProposal(service=_plain(found.members), notes=tuple(notes))


def _told(members: dict[str, Any]) -> list[str]:
    """Return in words what a form is filled with."""
    shown = {
        "authorization_endpoint": "authorize URL",
        "token_endpoint": "access token URL",
        "revocation_endpoint": "revoke URL",
        "device_authorization_endpoint": "device code URL",
        "token_endpoint_auth_method": "token endpoint authentication",
    }
    told = [words for name, words in shown.items() if name in members]
    count = len(members["scopes"])
    return told + ([f"{count} scope" + "s" * (count != 1)] if count else [])


def _plain(members: dict[str, Any]) -> dict[str, Any]:
    """Return members as JSON would write them."""
    return {n: list(v) if isinstance(v, tuple) else v for n, v in members.items()}
