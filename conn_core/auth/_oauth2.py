"""OAuth 2.0: authorization code with PKCE, client credentials, device code, refresh."""

import dataclasses
from collections.abc import Mapping

from .._secret import Secret
from .._services import CredentialField, Service
from .._values import AccessToken
from ..errors import ProviderUnavailable
from . import _oauth2_steps as steps
from . import _requests as requests
from ._parts import (
    Attempt,
    CallbackNames,
    Client,
    Consent,
    DeviceCode,
    GrantEnded,
    Outgoing,
    Returned,
    Steps,
    TokenRequest,
    TokenSet,
)
from ._placing import lent, place
from ._typed import registered, typed_values


class OAuth2:
    """OAuth 2.0 (RFC 6749, 7636, 8628, 9126), with the habits of each provider."""

    def asks_for(self, service: Service) -> tuple[CredentialField, ...]:
        """Return what a person has to type: nothing, but for further keys."""
        return service.credential_fields

    def begin(
        self, service: Service, client: Client | None, attempt: Attempt
    ) -> Steps[Consent | DeviceCode | TokenSet]:
        """Obtain a token (client credentials), a code to type, or a consent page."""
        client = registered(service, client)
        typed = typed_values(self.asks_for(service), attempt.typed)
        if attempt.device or service.grant_type == "device_code":
            return (yield from steps.begin_device(service, client, attempt))
        if service.grant_type == "client_credentials":
            tokens = yield from steps.as_client(service, client, attempt)
            return dataclasses.replace(tokens, further={**tokens.further, **typed})
        url = requests.authorization_url(
            service,
            client,
            redirect_uri=attempt.redirect_uri,
            scopes=attempt.scopes,
            state=attempt.state,
            verifier=attempt.verifier.reveal(),
        )
        if service.pushed_authorization_request_endpoint is not None:
            url = yield from steps.pushed(service, client, url, attempt)
        return Consent(url=url, keep=typed)

    def callback_names(self, service: Service) -> CallbackNames:
        """Return those of RFC 6749 4.1.2 and RFC 9207, as the service calls them."""
        habits, usual = service.habits.callback, CallbackNames()
        return CallbackNames(
            states=(habits.state,),
            outcomes=(habits.code, "error"),
            others=(*usual.others, *habits.facts),
        )

    def returned(self, service: Service, answer: Mapping[str, str]) -> Returned:
        """Read state, error and code of a callback (RFC 6749 4.1.2)."""
        habits = service.habits.callback
        error = answer.get("error", "")
        if not error and not answer.get(habits.code):
            error = "no code"
        return Returned(
            state=answer.get(habits.state, ""),
            error=error,
            described=answer.get("error_description", ""),
        )

    def finish(
        self,
        service: Service,
        client: Client | None,
        attempt: Attempt,
        answer: Mapping[str, str],
    ) -> Steps[TokenSet]:
        """Turn the code into tokens, and those into longer-lived ones if that is usual."""
        client = registered(service, client)
        habits = service.habits
        facts = steps.callback_facts(service, answer)
        service = service.settled(facts)
        code = Secret(answer.get(habits.callback.code, ""))

        def ask(way: Service) -> TokenRequest:
            return requests.code_request(
                way,
                client,
                code=code,
                redirect_uri=attempt.redirect_uri,
                verifier=attempt.verifier,
                now=attempt.now,
            )

        tokens = yield from steps.answer_to(service, ask, attempt.now)
        steps.look_at_identity(
            service, client, tokens, attempt, issuer=answer.get("iss")
        )
        exchange, url = habits.renewal.first_exchange, service.exchange_endpoint
        if exchange is not None and url is not None:
            request = requests.exchange_request(
                service, client, exchange, url=url, token=tokens.access_token
            )
            longer = yield from steps.one_answer(service, request, attempt.now)
            tokens = steps.next_generation(tokens, longer)
        return dataclasses.replace(
            tokens,
            facts={**facts, **tokens.facts},
            further={**tokens.further, **attempt.kept},
        )

    def can_renew(self, service: Service, held: TokenSet) -> bool:
        """Tell whether there is a refresh token, or another way to go on."""
        return (
            held.refresh_token is not None
            or service.grant_type == "client_credentials"
            or service.habits.renewal.exchange is not None
        )

    def renew(
        self, service: Service, client: Client | None, held: TokenSet, *, now: float
    ) -> Steps[TokenSet]:
        """Refresh (RFC 6749 6), ask as a client again, or exchange the access token."""
        client = registered(service, client)
        exchange, token = service.habits.renewal.exchange, held.refresh_token
        if exchange is not None:
            request = requests.exchange_request(
                service,
                client,
                exchange,
                url=str(service.refresh_endpoint or service.token_endpoint),
                token=held.access_token,
            )
            return steps.next_generation(
                held, (yield from steps.one_answer(service, request, now))
            )
        if service.grant_type == "client_credentials":
            again = Attempt(scopes=held.scopes or (), now=now)
            return steps.next_generation(
                held, (yield from steps.as_client(service, client, again))
            )
        if token is None:
            raise GrantEnded("there is nothing to renew it with")
        tokens = yield from steps.answer_to(
            service,
            lambda way: requests.refresh_request(
                way, client, refresh_token=token, now=now
            ),
            now,
        )
        return steps.next_generation(held, tokens)

    def lend(
        self, service: Service, client: Client | None, held: TokenSet, *, now: float
    ) -> AccessToken:
        """Return the access token, and further keys that every request needs."""
        del now
        return lent(service, client, held)

    def apply(self, token: AccessToken, request: Outgoing, *, now: float) -> Outgoing:
        """Put the token into its place (RFC 6750 2)."""
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
        """End the grant (RFC 7009 2): the refresh token takes the access token along."""
        if service.revocation_endpoint is None:
            return False
        hint = "access_token" if held.refresh_token is None else "refresh_token"
        answer = yield requests.revocation_request(
            service,
            registered(service, client),
            token=held.refresh_token or held.access_token,
            hint=hint,
            now=now,
        )
        if answer.status >= 500 or answer.status == 429:
            raise ProviderUnavailable(
                f"{service.name} did not end the authorization ({answer.status})",
                "Try again later",
            )
        return 200 <= answer.status < 300
