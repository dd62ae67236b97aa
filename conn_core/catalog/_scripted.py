"""A provider that behaves as a record says: it wants what the record names, and nothing
else, and answers in the record's shape. It reads bytes and shares no code with what
made them.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from .._services import Service
from ..auth import Client
from ._wire import Reply, Wire, put

NOW: Final = 1_795_000_000.0
LIFETIME: Final = 3600
REDIRECT_URI: Final = "https://jupyter.example/connections/callback/here"
STATE: Final = "state-of-this-attempt"
CODE: Final = "code of/this+attempt"
ANOTHERS: Final = "access-token-of-the-other-kind"
DEVICE_CODE: Final = "device-code-of-this-attempt"
_DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"


class ScriptedProvider:
    """An authorization server and the API behind it, for one client and one person.

    Args:
        service: The record, no blank left.
        template: The same with the blanks that the provider fills.
        client: Who may ask.
    """

    def __init__(self, service: Service, template: Service, client: Client) -> None:
        self._service, self._template, self._client = service, template, client
        self._number = 0
        self._challenge = ""
        self._pushed: dict[str, str] = {}
        self.access_token = ""
        self.refresh_token = ""
        self.refuses_with = ""
        self.lie = ""
        self.missed: list[str] = []

    # --- the browser ------------------------------------------------------------------

    def consent(self, url: str, scopes: tuple[str, ...]) -> dict[str, str]:
        """Play the person who says yes; returns what the browser brings back."""
        service, request = self._service, self._service.habits.request
        address, _, query = url.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        client_name = request.authorization_client_id or request.client_id
        self._wants("address of the consent page", address, self._page())
        if self._pushed:
            self._wants("request_uri", asked.get("request_uri"), "urn:pushed")
            asked = self._pushed
        callback = service.habits.callback
        wanted = {
            **dict(parse_qsl(urlsplit(str(service.authorization_endpoint)).query)),
            **service.authorization_parameters,
            "response_type": "code",
            client_name: self._client.client_id,
            "redirect_uri": REDIRECT_URI,
            callback.state: STATE,
        }
        if scopes:
            wanted[request.authorization_scope] = service.scope_delimiter.join(scopes)
        self._wants_all("consent page", asked, wanted)
        self._challenge = asked.get("code_challenge", "")
        if service.pkce:
            self._wants("PKCE method", asked.get("code_challenge_method"), "S256")
        return {callback.code: CODE, callback.state: STATE, **self._words("callback")}

    def _page(self) -> str:
        return str(self._service.authorization_endpoint).partition("?")[0]

    # --- the endpoints ----------------------------------------------------------------

    def answer(self, wire: Wire) -> Reply:
        """Answer a request to one of the endpoints."""
        service, fields = self._service, wire.fields
        grant = fields.get("grant_type")
        if self.refuses_with:
            return self._refusal(self.refuses_with)
        renewal, before = service.habits.renewal, len(self.missed)
        exchanges = {
            e.grant_type for e in (renewal.first_exchange, renewal.exchange) if e
        }
        if grant in exchanges:
            self._look_at_exchange(wire, str(grant))
        elif grant is not None:
            self._look_at_token_request(wire, str(grant))
        else:
            return self._plain(wire)
        if len(self.missed) > before:
            return self._refusal("wrong")
        return self._tokens(
            renews_by_token=not exchanges and grant != "client_credentials"
        )

    def _plain(self, wire: Wire) -> Reply:
        """Answer at the endpoints that are no token endpoint."""
        service, fields = self._service, wire.fields
        self._look_at_client(wire)
        if "token" in fields:
            self._wants("revocation address", wire.url, service.revocation_endpoint)
            token = self.refresh_token or self.access_token
            self._wants("token to revoke", fields["token"], token)
            return Reply(says={})
        if "response_type" in fields:
            url = service.pushed_authorization_request_endpoint
            self._wants("address of pushed requests", wire.url, url)
            self._pushed = fields
            return Reply(
                says={"request_uri": "urn:pushed", "expires_in": 60}, status=201
            )
        url = str(service.device_authorization_endpoint)
        self._wants("device authorization address", wire.url, url)
        hosts = service.habits.answer.verification_hosts
        host = hosts[0] if hosts else urlsplit(url).netloc
        told = {
            "device_code": DEVICE_CODE,
            "user_code": "WDJB-MJHT",
            "verification_uri": f"https://{host}/device",
            "expires_in": 900,
            "interval": 5,
        }
        return Reply(says=told)

    def _look_at_token_request(self, wire: Wire, grant: str) -> None:
        service, fields = self._service, wire.fields
        habits = service.habits.request
        url = service.token_endpoint
        wanted: dict[str, Any] = dict(habits.parameters)
        match grant:
            case "authorization_code":
                wanted[habits.code] = CODE
                place = wire.query if habits.redirect_uri_in_query else fields
                told = place.get("redirect_uri")
                self._wants("redirect_uri", told, REDIRECT_URI)
                self._look_at_verifier(fields.get("code_verifier"))
            case "refresh_token":
                url = service.refresh_endpoint or url
                wanted |= habits.refresh_parameters
                wanted["refresh_token"] = self.refresh_token
            case "client_credentials":
                pass
            case _:
                wanted |= {"grant_type": _DEVICE_GRANT, "device_code": DEVICE_CODE}
        by_query = habits.method == "GET" or habits.format == "query"
        self._wants("token address", wire.address, str(url).partition("?")[0])
        self._wants("method", wire.method, habits.method)
        self._wants("format", wire.kind, "query" if by_query else habits.format)
        self._wants_all("token request", fields, wanted)
        headers = {name.lower(): text for name, text in habits.headers.items()}
        self._wants_all("header of the token request", wire.headers, headers)
        self._look_at_client(wire)

    def _look_at_exchange(self, wire: Wire, grant: str) -> None:
        service, habits = self._service, self._service.habits
        renewal = habits.renewal
        exchange, url = (
            renewal.exchange,
            service.refresh_endpoint or service.token_endpoint,
        )
        first = renewal.first_exchange
        if first is not None and grant == first.grant_type and self._number == 1:
            exchange, url = first, service.exchange_endpoint
        assert exchange is not None  # noqa: S101 - the caller looked
        secret = self._client.client_secret
        known = {
            "client_id": (habits.request.client_id, self._client.client_id),
            "client_secret": (
                habits.request.client_secret,
                secret.reveal() if secret else "",
            ),
        }
        wanted = dict(known[name] for name in exchange.sends)
        wanted[exchange.token] = self.access_token
        self._wants("address of the exchange", wire.address, url)
        self._wants("method of the exchange", wire.method, exchange.method)
        self._wants_all("exchange", wire.fields, wanted)

    def _look_at_client(self, wire: Wire) -> None:
        """Check who asks (RFC 6749 2.3.1)."""
        habits, fields = self._service.habits.request, wire.fields
        secret = self._client.client_secret
        known = "" if secret is None else secret.reveal()
        client_id = self._client.client_id
        match self._service.token_endpoint_auth_method:
            case "client_secret_basic":
                self._look_at_basic(wire.basic, client_id, known)
                self._wants("secret", fields.get(habits.client_secret), None)
            case "client_secret_post":
                pair = {habits.client_id: client_id, habits.client_secret: known}
                self._wants_all("client", fields, pair)
            case "private_key_jwt":
                self._wants("client id", fields.get(habits.client_id), client_id)
                parts = len(str(fields.get("client_assertion", "")).split("."))
                self._wants("parts of the signed client assertion", parts, 3)
            case _:
                self._wants("client id", fields.get(habits.client_id), client_id)
                self._wants("secret", fields.get(habits.client_secret), None)

    def _look_at_basic(self, told: str, client_id: str, secret: str) -> None:
        match self._service.habits.request.basic:
            case "secret_as_user":
                self._wants("Basic credentials", told, f"{secret}:")
            case "plain":
                self._wants("Basic credentials", told, f"{client_id}:{secret}")
            case _:
                pair = tuple(unquote_plus(half) for half in told.split(":"))
                self._wants("Basic credentials", pair, (client_id, secret))

    def _look_at_verifier(self, verifier: str | None) -> None:
        if not self._service.pkce:
            self._wants("PKCE verifier", verifier, None)
            return
        digest = hashlib.sha256((verifier or "").encode()).digest()
        hashed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        self._wants("PKCE verifier", hashed, self._challenge)

    # --- the answers ------------------------------------------------------------------

    def _tokens(self, *, renews_by_token: bool) -> Reply:
        """Answer with new tokens, in the record's shape."""
        habits = self._service.habits.answer
        self._number += 1
        self.access_token = f"access-token-{self._number}"
        self.refresh_token = f"refresh-token-{self._number}" if renews_by_token else ""
        says: dict[str, Any] = {}
        where = habits.within[0]
        tokens = says if where == "." else says.setdefault(where, {})
        put(tokens, habits.access_token[0], self.access_token)
        if self.refresh_token:
            put(tokens, habits.refresh_token[0], self.refresh_token)
        kind = habits.token_types[0] if habits.token_types else "Bearer"
        put(tokens, habits.token_type[0], kind)
        put(tokens, habits.lifetime[0], _lifetime(habits.lifetime_format))
        for other in habits.within[1:]:
            place = says if other == "." else says.setdefault(other, {})
            put(place, habits.access_token[0], ANOTHERS)
        for path in habits.keep:
            put(says, path, f"kept-{path}")
        for path, word in {**habits.success, **self._words("answer")}.items():
            put(says, path, word)
        return Reply(says=says)

    def _refusal(self, code: str) -> Reply:
        habits = self._service.habits.answer
        says: dict[str, Any] = {}
        for path, word in habits.success.items():
            put(says, path, f"not {word}")
        put(says, habits.error[0], code)
        return Reply(says=says, status=400)

    def _words(self, where: str) -> dict[str, str]:
        """Return the provider's words for the blanks that it fills."""
        habits = self._template.habits
        facts = habits.callback.facts if where == "callback" else habits.answer.facts
        examples = {p.name: p for p in self._template.parameters}
        words = {}
        for path, fact in facts.items():
            blank = examples[fact.parameter]
            word = blank.example or blank.default
            said = [s for s, meant in fact.values.items() if meant == word]
            words[path] = said[0] if said else word
            if blank.host_suffixes and not said:
                words[path] = self.lie or f"https://{word}"
        return words

    # --- what was missed --------------------------------------------------------------

    def _wants(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.missed.append(f"{what}: {found!r} came, {wanted!r} was wanted")

    def _wants_all(
        self, what: str, found: Mapping[str, Any], wanted: Mapping[str, Any]
    ) -> None:
        for name, value in wanted.items():
            self._wants(f"{what}: {name}", found.get(name), value)


def _lifetime(written: str) -> object:
    """Return an hour in one of the ways that providers write it."""
    ends = NOW + LIFETIME
    return {
        "milliseconds": LIFETIME * 1000,
        "d:h:m": "0:1:0",
        "date": (
            datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=LIFETIME)
        ).isoformat(),
        "epoch": ends,
        "epoch_milliseconds": ends * 1000,
    }.get(written, LIFETIME)
