"""The shape of an authentication type. Types do no I/O: they yield requests, and are
sent answers, like the auth flows of httpx. One driver serves every caller.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from .._values import AccessToken
from ..errors import ProviderUnavailable
from ._parts import (
    Answer,
    Attempt,
    CallbackNames,
    Client,
    Consent,
    DeviceCode,
    Outgoing,
    Result,
    Returned,
    Steps,
    TokenRequest,
    TokenSet,
)
from ._retry import wait_asked_for

if TYPE_CHECKING:
    from .._services import CredentialField, Service


class AuthType(Protocol):
    """One authentication type. Implementations keep nothing between two calls."""

    def asks_for(self, service: "Service") -> "tuple[CredentialField, ...]":
        """Return what a person has to type, in order."""
        ...

    def begin(
        self, service: "Service", client: Client | None, attempt: Attempt
    ) -> "Steps[Consent | DeviceCode | TokenSet]":
        """Obtain a credential, or what a person has to do for one.

        Raises:
            InvalidInput: If something that a person has to type is missing.
            GrantEnded: If the provider refused.
            ProviderError: If the provider refused otherwise, or cannot be used.
        """
        ...

    def callback_names(self, service: "Service") -> CallbackNames:
        """Return what a callback's parameters are called."""
        ...

    def returned(self, service: "Service", answer: Mapping[str, str]) -> Returned:
        """Read which attempt a callback belongs to, and whether it can be finished."""
        ...

    def finish(
        self,
        service: "Service",
        client: Client | None,
        attempt: Attempt,
        answer: Mapping[str, str],
    ) -> Steps[TokenSet]:
        """Turn what the browser brought back into a credential.

        Raises:
            GrantEnded: If the provider refused what the browser brought.
            ProviderError: If it refused for another reason.
            ProviderUnavailable: If it did not answer in a way that means anything.
        """
        ...

    def can_renew(self, service: "Service", held: TokenSet) -> bool:
        """Tell whether ``renew`` can do anything."""
        ...

    def renew(
        self, service: "Service", client: Client | None, held: TokenSet, *, now: float
    ) -> Steps[TokenSet]:
        """Obtain the next credential without a person.

        Raises:
            GrantEnded: If the provider ended the grant.
            ProviderError: If it refused for another reason.
            ProviderUnavailable: If it did not answer in a way that means anything.
        """
        ...

    def lend(
        self, service: "Service", client: Client | None, held: TokenSet, *, now: float
    ) -> AccessToken:
        """Return what a client gets of a credential: never more than it needs."""
        ...

    def apply(self, token: AccessToken, request: Outgoing, *, now: float) -> Outgoing:
        """Return the request with the credential.

        Raises:
            InvalidInput: If this request cannot carry it.
        """
        ...

    def revoke(
        self,
        service: "Service",
        client: Client | None,
        held: TokenSet,
        *,
        now: float | None = None,
    ) -> Steps[bool]:
        """End the grant at the provider; tells whether it said yes.

        ``now`` is needed by clients that prove themselves by a key.

        Raises:
            ProviderError: If the client cannot be proven.
            ProviderUnavailable: If the provider cannot say at the moment. The grant is
                as good as before then.
        """
        ...


class SigningType(AuthType, Protocol):
    """A type whose requests the broker signs: ``lend`` lends nothing that could."""

    def sign(
        self,
        service: "Service",
        client: Client | None,
        held: TokenSet,
        request: Outgoing,
        *,
        link_name: str,
    ) -> dict[str, str]:
        """Return the headers that sign a request. Its host was checked.

        Raises:
            InvalidInput: If this request cannot be signed.
            RegistrationRequired: If there is no client registration.
        """
        ...


def drive(
    steps: Steps[Result],
    send: Callable[[TokenRequest], Answer],
    *,
    clock: Callable[[], float],
) -> Result:
    """Send what a type asks to be sent, until it has its result.

    Args:
        steps: What ``begin``, ``finish``, ``renew`` or ``revoke`` returned.
        send: Sends one request. Its errors are not caught.
        clock: Seconds since 1970; for how long a provider asks to wait.

    Raises:
        ProviderUnavailable: With ``retry_after`` as the last answer asked for.
    """
    answer: Answer | None = None
    try:
        request = next(steps)
        while True:
            answer = None  # a failure to send is not about the answer before
            answer = send(request)
            request = steps.send(answer)
    except StopIteration as done:
        result: Result = done.value
        return result
    except ProviderUnavailable as error:
        if answer is not None:
            error.retry_after = wait_asked_for(
                answer.headers, status=answer.status, now=clock()
            )
        raise
