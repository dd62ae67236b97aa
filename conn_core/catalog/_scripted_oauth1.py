"""The OAuth 1.0a half of the scripted provider: it computes each signature anew."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from .._services import Service
from ..auth import Client
from ._scripted import REDIRECT_URI
from ._wire import Reply, Wire

_REQUEST_TOKEN: Final = ("request-token", "request-secret")
_TOKEN: Final = ("access-token-1", "token-secret-1")
_VERIFIER: Final = "verifier-of-this-attempt"


class ScriptedOAuth1:
    """A provider of OAuth 1.0a (RFC 5849), for one client and one person."""

    def __init__(self, service: Service, client: Client) -> None:
        self._service, self._client = service, client
        self.access_token = _TOKEN[0]
        self.missed: list[str] = []

    def consent(self, url: str) -> dict[str, str]:
        """Play the person who says yes; returns what the browser brings back."""
        address, _, query = url.partition("?")
        self._wants("address of the consent page", address, self._page())
        wanted = {
            **self._service.authorization_parameters,
            "oauth_token": _REQUEST_TOKEN[0],
        }
        self._wants("consent page", dict(parse_qsl(query)), wanted)
        return {"oauth_token": _REQUEST_TOKEN[0], "oauth_verifier": _VERIFIER}

    def answer(self, wire: Wire) -> Reply:
        """Answer at one of the two token endpoints (RFC 5849 2.1, 2.3)."""
        said, before = _signed(wire), len(self.missed)
        if "oauth_callback" in said:
            url, secret, pair = self._service.request_token_endpoint, "", _REQUEST_TOKEN
            self._wants("oauth_callback", said["oauth_callback"], REDIRECT_URI)
        else:
            url, secret, pair = self._service.token_endpoint, _REQUEST_TOKEN[1], _TOKEN
            self._wants("oauth_token", said.get("oauth_token"), _REQUEST_TOKEN[0])
            self._wants("oauth_verifier", said.get("oauth_verifier"), _VERIFIER)
        self._wants("token address", wire.url, url)
        self._look_at_signature(wire, secret)
        if len(self.missed) > before:
            return Reply(says={"error": "wrong"}, status=400)
        told = {"oauth_token": pair[0], "oauth_token_secret": pair[1]}
        return Reply(says=told | {"oauth_callback_confirmed": "true"})

    def look_at_call(self, wire: Wire) -> None:
        """Check that a request to the API is signed with client and token."""
        told = _signed(wire).get("oauth_token")
        self._wants("token of the call", told, _TOKEN[0])
        self._look_at_signature(wire, _TOKEN[1])

    def _page(self) -> str:
        return str(self._service.authorization_endpoint)

    def _look_at_signature(self, wire: Wire, token_secret: str) -> None:
        said = _signed(wire)
        signature = said.pop("oauth_signature", "")
        method = self._service.signature_method
        self._wants("signature method", said.get("oauth_signature_method"), method)
        told = said.get("oauth_consumer_key")
        self._wants("oauth_consumer_key", told, self._client.client_id)
        if method == "RSA-SHA1":
            self._wants("a signature", bool(signature), wanted=True)
            return
        secret = self._client.client_secret
        key = f"{_encoded(secret.reveal() if secret else '')}&{_encoded(token_secret)}"
        self._wants("signature", signature, _hmac(key, _base(wire, said)))

    def _wants(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.missed.append(f"{what}: {found!r} came, {wanted!r} was wanted")


def _signed(wire: Wire) -> dict[str, str]:
    """Return the members of the Authorization header (RFC 5849 3.5.1)."""
    scheme, _, rest = wire.headers.get("authorization", "").partition(" ")
    if scheme != "OAuth":
        return {}
    pairs = (part.strip().partition("=") for part in rest.split(","))
    return {unquote(n): unquote(v.strip('"')) for n, _, v in pairs}


def _base(wire: Wire, said: Mapping[str, str]) -> str:
    """Return what is signed (RFC 5849 3.4.1)."""
    form = wire.fields if wire.kind == "form" else {}
    pairs = [*wire.query.items(), *form.items(), *said.items()]
    named = [(n, v) for n, v in pairs if n != "realm"]
    listed = "&".join(
        f"{n}={v}" for n, v in sorted((_encoded(n), _encoded(v)) for n, v in named)
    )
    return "&".join(_encoded(text) for text in (wire.method, wire.address, listed))


def _hmac(key: str, text: str) -> str:
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="-._~")
