"""The questions of OAuth 2.0, put to a provider, and what its answers come to."""

import dataclasses
from collections.abc import Callable, Mapping

from .._services import Service
from ..errors import ConnectionsError, ProviderError, ProviderUnavailable
from . import _requests as requests
from ._answers import facts_in, raise_refusal, read_token_answer, refuses_client
from ._device import read_device_answer
from ._identity import nonce_of, refuse_foreign_identity
from ._members import members_of
from ._parts import (
    Attempt,
    Client,
    DeviceCode,
    GrantEnded,
    Steps,
    TokenRequest,
    TokenSet,
)

#: Builds a request for a way to prove who the client is.
Ask = Callable[[Service], TokenRequest]


def begin_device(
    service: Service, client: Client, attempt: Attempt
) -> Steps[DeviceCode]:
    """Ask for a code to type on another device (RFC 8628 3.1)."""
    request = requests.device_request(
        service, client, scopes=attempt.scopes, now=attempt.now
    )
    answer = yield request
    return read_device_answer(service, request, answer, now=attempt.now)


def pushed(service: Service, client: Client, url: str, attempt: Attempt) -> Steps[str]:
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


def as_client(service: Service, client: Client, attempt: Attempt) -> Steps[TokenSet]:
    """Ask as the client alone (RFC 6749 4.4)."""
    tokens = yield from answer_to(
        service,
        lambda way: requests.client_request(
            way, client, scopes=attempt.scopes, now=attempt.now
        ),
        attempt.now,
    )
    # RFC 6749 4.4.3: there should be none, and asking again needs none.
    return dataclasses.replace(tokens, refresh_token=None)


def look_at_identity(
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


def callback_facts(service: Service, answer: Mapping[str, str]) -> dict[str, str]:
    """Return what the browser's answer says about the service's blanks."""
    usual = {
        parameter.name: parameter.default
        for parameter in service.parameters
        if parameter.filled_by == "callback" and parameter.default
    }
    return usual | facts_in(service, answer, service.habits.callback.facts)


def next_generation(held: TokenSet, tokens: TokenSet) -> TokenSet:
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


def one_answer(service: Service, request: TokenRequest, now: float) -> Steps[TokenSet]:
    """Ask once, and read the answer."""
    answer = yield request
    return read_token_answer(
        service,
        status=answer.status,
        content_type=answer.headers.get("content-type", ""),
        body=answer.body,
        secrets=request.secrets,
        now=now,
    )


def answer_to(service: Service, ask: Ask, now: float) -> Steps[TokenSet]:
    """Ask, and when the client is refused once more with the secret sent otherwise."""
    try:
        return (yield from one_answer(service, ask(service), now))
    except ProviderError as error:
        other = requests.by_the_other_method(service)
        if other is None or not refuses_client(service, error):
            raise
        refused: ConnectionsError = error
    try:
        return (yield from one_answer(service, ask(other), now))
    except (ProviderError, GrantEnded) as error:
        if isinstance(error, ProviderError) and refuses_client(service, error):
            raise refused from None
        raise
