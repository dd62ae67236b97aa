"""What a person types: the fields of a type, checked and cleaned."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from .._secret import Secret
from .._services import CredentialField, Service
from .._values import AccessToken
from ..errors import InvalidInput, RegistrationRequired
from ._parts import (
    Attempt,
    CallbackNames,
    Client,
    GrantEnded,
    Outgoing,
    Returned,
    Steps,
    TokenSet,
)
from ._placing import lent, place


def typed_values(
    fields: Sequence[CredentialField], typed: Mapping[str, Secret]
) -> dict[str, Secret]:
    """Return what was typed, without the blanks and line ends of a careless copy.

    Args:
        fields: What was asked for.
        typed: What was typed, by field name.

    Raises:
        InvalidInput: If something is missing, unknown, or holds what no header may.
    """
    wrong = dict.fromkeys(typed.keys() - _names(fields), "is not known here")
    values: dict[str, Secret] = {}
    for field in fields:
        text = typed[field.name].reveal().strip() if field.name in typed else ""
        text = text or field.default
        if not text and not field.optional:
            wrong[field.name] = "is needed"
        elif not text.isprintable():
            wrong[field.name] = "must be one line, copied exactly"
        elif text:
            values[field.name] = Secret(text)
    if wrong:
        listed = "; ".join(f"{name}: {why}" for name, why in sorted(wrong.items()))
        raise InvalidInput(
            f"Nothing was stored: {listed}",
            fields={f"secret.{name}": why for name, why in wrong.items()},
        )
    return values


def _names(fields: Sequence[CredentialField]) -> set[str]:
    return {field.name for field in fields}


def registered(service: Service, client: Client | None) -> Client:
    """Return the client registration.

    Raises:
        RegistrationRequired: If there is none.
    """
    if client is None:
        raise RegistrationRequired(
            f"There is no client registration with {service.name} yet",
            f"Run %conn service register {service.id}",
        )
    return client


class Typed:
    """What the types have in common whose credential is typed: nothing to wait for."""

    _usual: ClassVar[tuple[CredentialField, ...]]

    def asks_for(self, service: Service) -> tuple[CredentialField, ...]:
        """Return the service's own fields, or the usual ones of the type."""
        return service.credential_fields or self._usual

    def begin(
        self, service: Service, client: Client | None, attempt: Attempt
    ) -> Steps[TokenSet]:
        """Make a credential of what was typed; nobody is asked."""
        del client
        yield from ()
        return self._made_of(typed_values(self.asks_for(service), attempt.typed))

    def _made_of(self, values: dict[str, Secret]) -> TokenSet:
        """Return the credential: the first value is the main one."""
        main = next(iter(values))
        return TokenSet(access_token=values.pop(main), token_type="", further=values)

    def callback_names(self, service: Service) -> CallbackNames:
        """Return the usual ones: no browser brings anything back."""
        del service
        return CallbackNames()

    def returned(self, service: Service, answer: Mapping[str, str]) -> Returned:
        """Say that no browser brings anything back."""
        del service, answer
        return Returned(state="", error="nothing was asked for")

    def finish(
        self,
        service: Service,
        client: Client | None,
        attempt: Attempt,
        answer: Mapping[str, str],
    ) -> Steps[TokenSet]:
        """Refuse: no browser brings anything back."""
        del service, client, attempt, answer
        yield from ()
        raise GrantEnded("nothing was asked for")

    def can_renew(self, service: Service, held: TokenSet) -> bool:
        """Tell that what was typed stays what it is."""
        del service, held
        return False

    def renew(
        self, service: Service, client: Client | None, held: TokenSet, *, now: float
    ) -> Steps[TokenSet]:
        """Refuse: somebody has to type another one."""
        del service, client, held, now
        yield from ()
        raise GrantEnded("it was typed, and only a person can type another")

    def lend(
        self, service: Service, client: Client | None, held: TokenSet, *, now: float
    ) -> AccessToken:
        """Return what was typed, of further secrets those that every request needs."""
        del now
        return lent(service, client, held)

    def apply(self, token: AccessToken, request: Outgoing, *, now: float) -> Outgoing:
        """Put it into its place."""
        del now
        return place(token, request)

    def revoke(
        self,
        service: Service,
        client: Client | None,
        held: TokenSet,
        *,
        now: float | None = None,
    ) -> Steps[bool]:
        """Say that providers end such credentials on their own pages only."""
        del service, client, held, now
        yield from ()
        return False
