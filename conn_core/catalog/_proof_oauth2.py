"""The proof of an OAuth 2.0 record."""

from collections.abc import Iterator, Mapping
from typing import Any

from .. import auth
from .._secret import Secret
from .._services import Service
from ..errors import ProviderError
from ._proving import (
    VERIFIER,
    Found,
    NotProvenError,
    bare,
    client_of,
    driven,
    expected,
    look_at_call,
    must,
    none_missed,
    typed_into,
)
from ._scripted import (
    DEVICE_CODE,
    LIFETIME,
    NOW,
    REDIRECT_URI,
    STATE,
    ScriptedProvider,
)
from ._wire import Wire


class OAuth2Proof:
    """A proof of an OAuth 2.0 record.

    Args:
        template: The service with the blanks that the provider fills.
        examples: What fills blanks.
    """

    def __init__(self, template: Service, examples: Mapping[str, str]) -> None:
        self._template = template
        self._told = {p.name: examples[p.name] for p in template.parameters}
        self._service = template.completed(self._told)
        self._client = client_of(template)
        self._type = auth.auth_type("oauth2")
        self._scopes = template.default_scopes
        self._typed = typed_into(self._type, template)

    def steps(self) -> Iterator[str]:
        """Run every way there is to a token, then what one does with it."""
        provider = self._provider()
        if self._template.grant_type == "authorization_code":
            held = yield from self._by_consent(provider)
        elif self._template.grant_type == "client_credentials":
            held = yield from self._by_client(provider)
        else:
            held = yield from self._by_device(provider)
        held_service = self._template.completed(held.facts)
        yield from look_at_call(
            held_service,
            self._type.lend(held_service, self._client, held, now=NOW),
            credential=provider.access_token,
            typed={**self._typed, **self._kept()},
        )
        held = yield from self._renewed(provider, held_service, held)
        yield from self._ended(held_service, held)
        yield from self._revoked(provider, held_service, held)
        if self._template.grant_type == "authorization_code":
            yield from self._further_ways()

    def _kept(self) -> dict[str, Secret]:
        """Return what the provider says beside the token, to be kept with it."""
        paths = self._template.habits.answer.keep
        return {path: Secret(f"kept-{path}") for path in paths}

    def _further_ways(self) -> Iterator[str]:
        if self._template.device_authorization_endpoint is not None:
            yield from self._by_device(self._provider())
        if any(p.host_suffixes for p in self._template.parameters):
            yield from self._lied_to()

    def _provider(self) -> ScriptedProvider:
        return ScriptedProvider(self._service, self._template, self._client)

    def _attempt(self, **changes: Any) -> auth.Attempt:
        return auth.Attempt(
            scopes=self._scopes,
            now=NOW,
            typed=self._typed,
            redirect_uri=REDIRECT_URI,
            state=STATE,
            verifier=Secret(VERIFIER),
            **changes,
        )

    def _by_consent(self, provider: ScriptedProvider) -> Found[auth.TokenSet]:
        attempt = self._attempt()
        begun = self._opened(provider, attempt)
        answer = provider.consent(begun.url, self._scopes)
        none_missed(provider)
        pkce = "with PKCE" if self._template.pkce else "without PKCE"
        yield f"The consent page {bare(begun.url)} is asked for all it needs, {pkce}"
        returned = self._type.returned(self._template, answer)
        must((returned.state, returned.error) == (STATE, ""), "its answer is not known")
        attempt = self._attempt(kept=begun.keep)
        steps = self._type.finish(self._template, self._client, attempt, answer)
        held = driven(provider, steps)
        self._look_at(provider, held)
        yield (
            f"The code becomes tokens at {self._service.token_endpoint}, the client "
            f"proven by {self._template.token_endpoint_auth_method}"
        )
        return held

    def _opened(
        self, provider: ScriptedProvider, attempt: auth.Attempt
    ) -> auth.Consent:
        begun = driven(
            provider, self._type.begin(self._template, self._client, attempt)
        )
        return expected(auth.Consent, begun, "no consent page was opened")

    def _by_client(self, provider: ScriptedProvider) -> Found[auth.TokenSet]:
        steps = self._type.begin(self._template, self._client, self._attempt())
        made = driven(provider, steps)
        held = expected(auth.TokenSet, made, "the client obtains no token")
        self._look_at(provider, held)
        yield (
            f"The client obtains a token for itself at {self._service.token_endpoint}, "
            f"proven by {self._template.token_endpoint_auth_method}"
        )
        return held

    def _by_device(self, provider: ScriptedProvider) -> Found[auth.TokenSet]:
        attempt = self._attempt(device=True)
        begun = driven(provider, self._type.begin(self._service, self._client, attempt))
        code = expected(auth.DeviceCode, begun, "there is no code to type")
        must(code.device_code.same_as(DEVICE_CODE), "the device code is another one")
        request = auth.poll_request(
            self._service, self._client, device_code=code.device_code, now=NOW
        )
        answer = provider.answer(Wire.of_token_request(request))
        none_missed(provider)
        state = auth.Polling.of(code, now=NOW)
        polled = state.answered(self._service, request, answer, now=NOW)
        held = expected(auth.TokenSet, polled, "the typed code brings no token")
        self._look_at(provider, held)
        yield f"A code typed at {code.verification_uri} becomes a token"
        return held

    def _look_at(self, provider: ScriptedProvider, held: auth.TokenSet) -> None:
        must(held.access_token.same_as(provider.access_token), "a wrong access token")
        found = "" if held.refresh_token is None else held.refresh_token.reveal()
        must(found == provider.refresh_token, "a wrong refresh token")
        must(held.expires_in == LIFETIME, "the lifetime is not read right")
        for name, value in held.facts.items():
            must(value == self._told[name], f"{name} is not read right")
        left = self._told.keys() - held.facts.keys()
        unfilled = [p.name for p in self._template.parameters if p.name in left]
        must(not unfilled, f"nothing was said about {', '.join(unfilled)}")

    def _renew(
        self, provider: ScriptedProvider, service: Service, held: auth.TokenSet
    ) -> auth.TokenSet:
        steps = self._type.renew(service, self._client, held, now=NOW)
        return driven(provider, steps)

    def _renewed(
        self, provider: ScriptedProvider, service: Service, held: auth.TokenSet
    ) -> Found[auth.TokenSet]:
        again = self._renew(provider, service, held)
        must(not again.access_token.same_as(held.access_token.reveal()), "no new token")
        self._look_at(provider, again)
        yield f"Access is renewed at {service.refresh_endpoint or service.token_endpoint}"
        return again

    def _ended(self, service: Service, held: auth.TokenSet) -> Iterator[str]:
        codes = tuple(dict.fromkeys(("invalid_grant", *service.habits.answer.ended)))
        for code in codes:
            provider = self._provider()
            provider.refuses_with = code
            try:
                self._renew(provider, service, held)
            except auth.GrantEnded:
                continue
            raise NotProvenError(f"{code} is not understood as the end of the grant")
        yield f"The end of the grant is understood: {', '.join(codes)}"

    def _revoked(
        self, provider: ScriptedProvider, service: Service, held: auth.TokenSet
    ) -> Iterator[str]:
        if service.revocation_endpoint is None:
            return
        steps = self._type.revoke(service, self._client, held, now=NOW)
        must(driven(provider, steps) is True, "the grant was not ended")
        yield f"The grant is ended at {service.revocation_endpoint}"

    def _lied_to(self) -> Iterator[str]:
        provider = self._provider()
        begun = self._opened(provider, self._attempt())
        answer = provider.consent(begun.url, self._scopes)
        provider.lie = "https://evil.example"
        try:
            steps = self._type.finish(
                self._template, self._client, self._attempt(), answer
            )
            driven(provider, steps)
        except ProviderError:
            yield "A host that is none of the vendor's is refused"
            return
        raise NotProvenError("a host that is none of the vendor's was taken")
