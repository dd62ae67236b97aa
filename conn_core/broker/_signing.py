"""Signatures: what they are made with never leaves the broker, they themselves do."""

import posixpath
from urllib.parse import unquote, urlsplit

from .. import auth
from .._services import Service
from ..errors import InvalidInput
from ..http import check_address
from ..store import rows
from ._clients import client_for
from ._credentials import definition_of, held_tokens
from ._workshop import Workshop


def signature(
    workshop: Workshop, row: rows.Row, request: auth.Outgoing, *, link_name: str
) -> dict[str, str]:
    """Return the headers that sign a request.

    Args:
        workshop: Whose vault holds the secrets.
        row: The credential.
        request: What is to be sent.
        link_name: The connection, for errors.

    Raises:
        HostNotAllowed: If the service's hosts do not include where it goes.
        InvalidInput: If there is nothing to sign, or the request cannot be signed.
        RegistrationRequired: If there is no client registration any more.
    """
    service = definition_of(row)
    if service.auth_type not in auth.SIGNED_BY_BROKER:
        raise InvalidInput(
            f"'{link_name}' does not sign its requests: they carry its credential",
            "Ask for the access token",
        )
    check_address(request.url, link_name=link_name, api_hosts=service.api_hosts)
    _refuse_own_endpoints(service, request.url, link_name)
    return auth.signing_type(service.auth_type).sign(
        service,
        client_for(workshop, service),
        held_tokens(workshop, row),
        request,
        link_name=link_name,
    )


def signer_of(workshop: Workshop, row: rows.Row, *, link_name: str) -> auth.Sign:
    """Return what signs requests with a credential, for this process's own calls."""
    return lambda request: signature(workshop, row, request, link_name=link_name)


def _refuse_own_endpoints(service: Service, url: str, link_name: str) -> None:
    """Refuse to sign for an endpoint that issues tokens.

    Its answer holds a token's secret, and would reach whoever sends the request.
    """
    issuing = (service.request_token_endpoint, service.token_endpoint)
    if _place(url) in {_place(endpoint) for endpoint in issuing if endpoint}:
        raise InvalidInput(
            f"'{link_name}' signs no request to an address that issues tokens. "
            "Nothing was sent"
        )


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    path = posixpath.normpath("/" + unquote(parts.path).lstrip("/"))
    return parts.netloc.lower(), path.lower()
