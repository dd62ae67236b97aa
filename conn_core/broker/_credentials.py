"""What is sealed of a credential, and what a client needs of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple, Self

from pydantic import ValidationError

from .. import auth
from .._secret import Secret
from .._services import Service
from .._values import AccessToken
from ..errors import Tampered
from ..store import rows
from ._clients import client_for
from ._status import moment
from ._workshop import Workshop


class CredentialPlace(NamedTuple):
    """Where a credential's secrets belong; sealed in one place, they open in no other."""

    connection_id: str
    credential_id: str
    holder: str
    generation: int


def credential_binding(service: Service, place: CredentialPlace) -> Sequence[str]:
    """Return what a credential's secrets are bound to: its row and its endpoints."""
    row = (str(part) for part in place)
    return ("secrets", "sealed", *row, *service.security_facts())


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
        tokens: What the provider answered, or a person typed.
        service: The service as it was authorized.
        place: The row and the generation it becomes.
        previous: The refresh token that was used to get it. Kept when the provider
            sent no new one, and beside a new one until that has worked.
    """
    further = {name: secret.reveal() for name, secret in tokens.further.items()}
    payload = {
        "access_token": tokens.access_token.reveal(),
        "refresh_token": _reveal(tokens.refresh_token or previous),
        "previous_refresh_token": _reveal(previous) if tokens.refresh_token else None,
        "further": further,
        "identity": tokens.identity,
    }
    binding = credential_binding(service, place)
    return workshop.vault.seal(json.dumps(payload).encode(), binding=binding)


def _reveal(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is sealed of a credential.

    Attributes:
        tokens: The credential as its authentication type knows it.
        previous: The refresh token before the present one.
    """

    tokens: auth.TokenSet
    previous: Secret | None

    def before(self) -> Self | None:
        """Return the same with the refresh token of before, if there is another one."""
        if self.previous is None or self.previous == self.tokens.refresh_token:
            return None
        tokens = replace(self.tokens, refresh_token=self.previous)
        return replace(self, tokens=tokens, previous=None)


def held_of(workshop: Workshop, row: rows.Row) -> Held:
    """Open what is sealed of a credential.

    Raises:
        Tampered: If it was changed or moved.
    """
    payload = _opened(workshop, row)
    tokens = auth.TokenSet(
        access_token=Secret(payload["access_token"]),
        refresh_token=_secret(payload["refresh_token"]),
        token_type=row.token_type,
        scopes=rows.load_tuple(row.granted_scopes),
        further={n: Secret(text) for n, text in payload["further"].items()},
        identity=payload["identity"],
    )
    return Held(tokens=tokens, previous=_secret(payload["previous_refresh_token"]))


def _secret(text: str | None) -> Secret | None:
    return Secret(text) if text else None


def held_tokens(workshop: Workshop, row: rows.Row) -> auth.TokenSet:
    """Open a credential as its authentication type knows it."""
    return held_of(workshop, row).tokens


def _opened(workshop: Workshop, row: rows.Row) -> dict[str, Any]:
    place = CredentialPlace(row.connection_id, row.id, row.holder, row.generation)
    binding = credential_binding(definition_of(row), place)
    payload: dict[str, Any] = json.loads(
        workshop.vault.open(row.sealed, binding=binding)
    )
    return payload


def definition_of(row: rows.Row) -> Service:
    """Return the service as it was when the credential was authorized.

    Raises:
        Tampered: If somebody wrote something else in its place.
    """
    try:
        return _read_definition(row.definition)
    except ValidationError:
        raise Tampered(
            "The service that a connection was authorized with was changed outside of "
            "this program",
            "Authorize the connection again",
        ) from None


def needs_client(service: Service) -> bool:
    """Tell whether requests to the API name the client, too."""
    written = (*service.api_headers.values(), *service.api_query.values())
    return service.auth_type == "oauth1" or any("{client_id}" in t for t in written)


@lru_cache(maxsize=256)
def _read_definition(text: str) -> Service:
    """Read a definition; every use of a connection needs it, and it never changes."""
    return Service.model_validate_json(text)


def access_token_from(
    workshop: Workshop, row: rows.Row, *, link_name: str
) -> AccessToken:
    """Make what a client needs of a credential's row."""
    service = definition_of(row)
    lent = auth.auth_type(service.auth_type).lend(
        service,
        client_for(workshop, service) if needs_client(service) else None,
        held_tokens(workshop, row),
        now=workshop.clock(),
    )
    return replace(
        lent,
        expires_at=moment(row.expires_at),
        generation=row.generation,
        link_name=link_name,
    )
