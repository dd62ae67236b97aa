"""The one question of a refresh, put to the provider."""

from .. import auth
from .._failpoints import reach
from .._secret import Secret
from .._services import Service
from ..errors import ConnectionsError, ProviderError
from ._clients import client_if_used
from ._credentials import Held
from ._workshop import Workshop


def can_renew(service: Service, held: Held) -> bool:
    """Tell whether there is anything to ask with."""
    return auth.auth_type(service.auth_type).can_renew(service, held.tokens)


def ask_for_next(workshop: Workshop, service: Service, held: Held) -> auth.TokenSet:
    """Ask the provider for the next tokens.

    Raises:
        GrantEnded: If the provider ended the grant.
        ConnectionsError: If it refused for another reason, or did not answer.
    """

    def send(request: auth.TokenRequest) -> auth.Answer:
        answer = workshop.send(request)
        reach("refresh.answer-in-memory")
        return answer

    client = client_if_used(workshop, service)
    kind = auth.auth_type(service.auth_type)
    steps = kind.renew(service, client, held.tokens, now=workshop.clock())
    return auth.drive(steps, send, clock=workshop.clock)


def came_with(error: ConnectionsError) -> Secret | None:
    """Take the refresh token of an unusable answer off its error: the error travels."""
    if not isinstance(error, ProviderError):
        return None
    came, error.refresh_token = error.refresh_token, None
    return came
