"""An honest authorization server with an API, in memory, and a clock that waits."""

import base64
import hashlib
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote_plus, urlsplit

CLIENT_ID = "desk-client"


class MovingClock:
    """Seconds since 1970 that pass only when a test says so."""

    def __init__(self):
        self.now = 1_795_000_000.0

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += seconds


@dataclass
class Answer:
    """What the way out returns."""

    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)


@dataclass
class Grant:
    """What a person gave: dies as a whole when a spent refresh token comes again."""

    scopes: str
    challenge: str | None = None
    redirect_uri: str = ""
    alive: bool = True


class HonestProvider:
    """An honest authorization server with an API, in memory.

    Rotates refresh tokens, and ends the whole grant when a spent one comes again.
    `spoils` changes the members of the next token answers before they are sent.
    Every `script` entry is taken for one token request: an `Answer`, an exception to
    raise, or a function that is called first and may return one of them.
    """

    def __init__(self, clock, token, *, client_secret, issuer):
        self.clock = clock
        self.token = token
        self.client_secret = client_secret
        self.issuer = issuer
        self.lifetime = 3600
        self.rotates = True
        self.spoils = None
        self.ends_family = True
        self.script = deque()
        self.api_answer = None
        self.token_requests = []
        self.revocations = []
        self.api_requests = []
        self.api_bodies = []
        self.api_timeouts = []
        self.granted = []
        self.closed = False
        self._codes = {}
        self._refresh = {}
        self._spent = {}
        self._access = {}
        self._guard = threading.Lock()

    # --- the consent page -------------------------------------------------------------

    def consent(self, authorization_url, *, scopes=None):
        """Log in and agree; return what the browser brings to the redirect URL."""
        asked = {
            k: v[0] for k, v in parse_qs(urlsplit(authorization_url).query).items()
        }
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked.get("code_challenge_method", "S256") == "S256"
        code = self.token("code")
        self._codes[code] = Grant(
            scopes=asked.get("scope", "") if scopes is None else scopes,
            challenge=asked.get("code_challenge"),
            redirect_uri=asked["redirect_uri"],
        )
        place = urlsplit(authorization_url)
        issuer = f"{place.scheme}://{place.netloc}"
        return {"code": code, "state": asked["state"], "iss": issuer}

    def end_all_grants(self):
        """Do as a person who takes the access back at the provider."""
        for grant in [*self._refresh.values(), *self._access_grants()]:
            grant.alive = False

    def is_alive(self, access_token):
        """Tell whether the API would accept a token now."""
        grant, expires = self._access.get(access_token, (None, 0))
        return grant is not None and grant.alive and self.clock() < expires

    def _access_grants(self):
        return [grant for grant, _ in self._access.values()]

    # --- what the core calls ----------------------------------------------------------

    def post_form(self, url, fields, *, headers):
        if url.endswith("/revoke"):
            return self._revoke(fields, headers)
        with self._guard:
            self.token_requests.append(dict(fields))
            entry = self.script.popleft() if self.script else None
        if callable(entry) and not isinstance(entry, type):
            entry = entry()
        if isinstance(entry, Exception):
            raise entry
        if entry is not None:
            return entry
        with self._guard:
            return self._answer(fields, headers)

    def send(self, method, url, *, headers, content, timeout=None):
        self.api_bodies.append((method, content))
        return self.get(url, headers=headers, timeout=timeout)

    def get(self, url, *, headers, timeout=None):
        self.api_requests.append((url, dict(headers)))
        self.api_timeouts.append(timeout)
        if isinstance(self.api_answer, Exception):
            raise self.api_answer
        if self.api_answer is not None:
            return self.api_answer
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.is_alive(token):
            return Answer(401, b"{}")
        return Answer(200, b'{"person": {"mail": "sam@acme.example"}}')

    def close(self):
        self.closed = True

    # --- endpoints --------------------------------------------------------------------

    def _answer(self, fields, headers):
        if not self._knows_client(fields, headers):
            return _error(401, "invalid_client")
        if fields["grant_type"] == "authorization_code":
            grant = self._codes.pop(fields["code"], None)
            if grant is None or not _fits(grant, fields):
                return _error(400, "invalid_grant")
            return self._tokens(grant)
        return self._renew(fields["refresh_token"])

    def _renew(self, refresh_token):
        spent = self._spent.get(refresh_token)
        if spent is not None:
            spent.alive = spent.alive and not self.ends_family
            return _error(400, "invalid_grant")
        grant = self._refresh.get(refresh_token)
        if grant is None or not grant.alive:
            return _error(400, "invalid_grant")
        if self.rotates:
            self._spent[refresh_token] = self._refresh.pop(refresh_token)
            return self._tokens(grant)
        return self._tokens(grant, refresh_token=None)

    def _tokens(self, grant, *, refresh_token=...):
        access = self.token("access-token")
        self._access[access] = (grant, self.clock() + self.lifetime)
        body = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "scope": grant.scopes,
        }
        if refresh_token is ...:
            body["refresh_token"] = self.token("refresh-token")
            self._refresh[body["refresh_token"]] = grant
        self.granted.append(body)
        sent = body if self.spoils is None else self.spoils(dict(body))
        return Answer(
            200, json.dumps(sent).encode(), {"content-type": "application/json"}
        )

    def _knows_client(self, fields, headers):
        if "Authorization" in headers:
            given = base64.b64decode(headers["Authorization"].removeprefix("Basic "))
            name, _, secret = given.decode().partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (
                CLIENT_ID,
                self.client_secret,
            )
        given = (fields.get("client_id"), fields.get("client_secret"))
        return given == (CLIENT_ID, self.client_secret)

    def _revoke(self, fields, headers):
        assert self._knows_client(fields, headers)
        self.revocations.append(dict(fields))
        grant = self._refresh.get(fields["token"])
        if grant is not None:
            grant.alive = False
        return self.script.popleft() if self.script else Answer(200)


def _fits(grant, fields):
    if grant.redirect_uri != fields["redirect_uri"]:
        return False
    if grant.challenge is None:
        return True
    digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == grant.challenge


def _error(status, code):
    body = json.dumps({"error": code, "error_description": f"test says {code}"})
    return Answer(status, body.encode(), {"content-type": "application/json"})
