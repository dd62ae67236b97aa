"""What is sealed of a credential, and what a client needs of it."""

import json
from collections.abc import Mapping

from pydantic import ValidationError

from .. import auth
from .._secret import Secret
from .._services import Service
from .._values import AccessToken
from ..errors import Tampered
from ..store import rows
from ._status import moment
from ._workshop import CredentialPlace, Workshop


def seal_tokens(
    workshop: Workshop,
    tokens: auth.TokenSet,
    *,
    service: Service,
    place: CredentialPlace,
    previous: Secret | None = None,
) -> bytes:
    """Seal a token set for its row.

    Args:
        workshop: Whose vault seals it.
        tokens: What the provider answered.
        service: The service as it was authorized.
        place: The row and the generation it becomes.
        previous: The refresh token that was used to get it. Kept when the provider
            sent no new one, and beside a new one until that has worked.
    """
    payload = {
        "access_token": tokens.access_token.reveal(),
        "refresh_token": _reveal(tokens.refresh_token or previous),
        "previous_refresh_token": _reveal(previous) if tokens.refresh_token else None,
    }
    binding = workshop.binding_of_credential(service, place)
    return workshop.vault.seal(json.dumps(payload).encode(), binding=binding)


def _reveal(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()


def open_tokens(workshop: Workshop, row: rows.Row) -> Mapping[str, Secret | None]:
    """Open what is sealed of a credential: access, refresh and previous token."""
    place = CredentialPlace(row.connection_id, row.id, row.holder, row.generation)
    binding = workshop.binding_of_credential(definition_of(row), place)
    payload = json.loads(workshop.vault.open(row.sealed, binding=binding))
    return {name: Secret(text) if text else None for name, text in payload.items()}


def definition_of(row: rows.Row) -> Service:
    """Return the service as it was when the credential was authorized.

    Raises:
        Tampered: If somebody wrote something else in its place.
    """
    try:
        return Service.model_validate_json(row.definition)
    except ValidationError:
        raise Tampered(
            "The service that a connection was authorized with was changed outside of "
            "this program",
            "Authorize the connection again",
        ) from None


def access_token_from(
    workshop: Workshop, row: rows.Row, *, link_name: str
) -> AccessToken:
    """Make what a client needs of a credential's row."""
    service = definition_of(row)
    token = open_tokens(workshop, row)["access_token"]
    return AccessToken(
        access_token=token or Secret(""),
        token_type=row.token_type,
        expires_at=moment(row.expires_at),
        scopes=rows.load_tuple(row.granted_scopes),
        generation=row.generation,
        link_name=link_name,
        service_name=service.name,
        param_type=service.param_type,
        param_name=service.param_name,
        param_prefix=service.param_prefix,
        api_base_url=service.api_base_url,
        api_hosts=service.api_hosts,
    )
