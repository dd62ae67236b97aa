"""The one question of a refresh, put to the provider."""

from dataclasses import dataclass, replace
from typing import Self

from .. import auth
from .._failpoints import reach
from .._secret import Secret
from .._services import Service
from ..store import rows
from ._credentials import held_tokens, open_tokens
from ._workshop import Workshop


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
    previous = open_tokens(workshop, row)["previous_refresh_token"]
    return Held(tokens=held_tokens(workshop, row), previous=previous)


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

    client = workshop.client_if_used(service)
    kind = auth.auth_type(service.auth_type)
    steps = kind.renew(service, client, held.tokens, now=workshop.clock())
    return auth.drive(steps, send, clock=workshop.clock)
