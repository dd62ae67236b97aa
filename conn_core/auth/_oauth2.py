"""OAuth 2.0: authorization code with PKCE, client credentials, device code, refresh."""

import dataclasses
from collections.abc import Callable, Mapping

from .._secret import Secret
from .._services import CredentialField, Service
from .._values import AccessToken
from ..errors import ConnectionsError, ProviderError, ProviderUnavailable
from . import _requests as requests
from ._answers import facts_in, raise_refusal, read_token_answer, refuses_client
from ._device import read_device_answer
from ._identity import nonce_of, refuse_foreign_identity
from ._members import members_of
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

#: Builds a request for a way to prove who the client is.
_Ask = Callable[[Service], TokenRequest]


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
            return (yield from _begin_device(service, client, attempt))
        if service.grant_type == "client_credentials":
            tokens = yield from _by_client(service, client, attempt)
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
            url = yield from _push(service, client, url, attempt)
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
        facts = _callback_facts(service, answer)
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

        tokens = yield from _tokens(service, ask, attempt.now)
        _look_at_identity(service, client, tokens, attempt, issuer=answer.get("iss"))
        exchange, url = habits.renewal.first_exchange, service.exchange_endpoint
        if exchange is not None and url is not None:
            request = requests.exchange_request(
                service, client, exchange, url=url, token=tokens.access_token
            )
            longer = yield from _one(service, request, attempt.now)
            tokens = _next(tokens, longer)
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
            return _next(held, (yield from _one(service, request, now)))
        if service.grant_type == "client_credentials":
            again = Attempt(scopes=held.scopes or (), now=now)
            return _next(held, (yield from _by_client(service, client, again)))
        if token is None:
            raise GrantEnded("there is nothing to renew it with")
        tokens = yield from _tokens(
            service,
            lambda way: requests.refresh_request(
                way, client, refresh_token=token, now=now
            ),
            now,
        )
        return _next(held, tokens)

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


def _begin_device(
    service: Service, client: Client, attempt: Attempt
) -> Steps[DeviceCode]:
    request = requests.device_request(
        service, client, scopes=attempt.scopes, now=attempt.now
    )
    answer = yield request
    return read_device_answer(service, request, answer, now=attempt.now)


def _push(service: Service, client: Client, url: str, attempt: Attempt) -> Steps[str]:
    """Hand over beforehand what is asked for, so that no address tells it (RFC 9126)."""
    request = requests.pushed_request(service, client, consent_url=url, now=attempt.now)
    answer = yield request
    members = members_of(answer.headers.get("content-type", ""), answer.body)
    raise_refusal(service, members, status=answer.status, secrets=request.secrets)
    request_uri = members.get("request_uri")
    if not isinstance(request_uri, str) or not request_uri:
        raise ProviderUnavailable(
            f"{service.name} took the request and gave no request_uri",
            "Try again later",
        )
    return requests.consent_url_of(service, client, request_uri)


def _by_client(service: Service, client: Client, attempt: Attempt) -> Steps[TokenSet]:
    tokens = yield from _tokens(
        service,
        lambda way: requests.client_request(
            way, client, scopes=attempt.scopes, now=attempt.now
        ),
        attempt.now,
    )
    # RFC 6749 4.4.3: there should be none, and asking again needs none.
    return dataclasses.replace(tokens, refresh_token=None)


def _look_at_identity(
    service: Service,
    client: Client,
    tokens: TokenSet,
    attempt: Attempt,
    *,
    issuer: str | None,
) -> None:
    """Check the identity token where one was asked for (OpenID Connect Core 3.1.3.7).

    Its signature need not be checked (point 6): it came from the token endpoint itself.
    """
    if requests.OPENID not in attempt.scopes or tokens.id_token is None:
        return
    refuse_foreign_identity(
        service,
        tokens.id_token,
        client_id=client.client_id,
        issuer=service.issuer or issuer,
        nonce=nonce_of(attempt.verifier),
        access_token=tokens.access_token,
        now=attempt.now,
    )


def _callback_facts(service: Service, answer: Mapping[str, str]) -> dict[str, str]:
    usual = {
        parameter.name: parameter.default
        for parameter in service.parameters
        if parameter.filled_by == "callback" and parameter.default
    }
    return usual | facts_in(service, answer, service.habits.callback.facts)


def _next(held: TokenSet, tokens: TokenSet) -> TokenSet:
    """Return the next generation: what the answer leaves out stays as it was.

    Raises:
        GrantEnded: If it speaks of somebody else (OpenID Connect Core 12.2).
    """
    if held.identity and tokens.identity and held.identity != tokens.identity:
        raise GrantEnded("the provider answered for another account")
    return dataclasses.replace(
        tokens,
        scopes=tokens.scopes or held.scopes,
        further={**held.further, **tokens.further},
        facts={**held.facts, **tokens.facts},
        identity=tokens.identity or held.identity,
    )


def _one(service: Service, request: TokenRequest, now: float) -> Steps[TokenSet]:
    answer = yield request
    return read_token_answer(
        service,
        status=answer.status,
        content_type=answer.headers.get("content-type", ""),
        body=answer.body,
        secrets=request.secrets,
        now=now,
    )


def _tokens(service: Service, ask: _Ask, now: float) -> Steps[TokenSet]:
    """Ask, and when the client is refused once more with the secret sent otherwise."""
    try:
        return (yield from _one(service, ask(service), now))
    except ProviderError as error:
        other = requests.by_the_other_method(service)
        if other is None or not refuses_client(service, error):
            raise
        refused: ConnectionsError = error
    try:
        return (yield from _one(service, ask(other), now))
    except (ProviderError, GrantEnded) as error:
        if isinstance(error, ProviderError) and refuses_client(service, error):
            raise refused from None
        raise
