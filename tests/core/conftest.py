"""A deployment in memory: a moving clock, an honest provider, and people."""

import base64
import hashlib
import json
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote_plus, urlsplit

import grants_drafted
import pytest
from townsfolk import Townsfolk

from conn_core import (
    ClientRegistration,
    ConnectionDraft,
    ServiceDraft,
    Settings,
    read_draft,
)
from conn_core.broker import open_core
from conn_core.broker._usable import refuse_unusable
from conn_core.errors import AuthorizationFailed, InvalidInput

CLIENT_ID = "desk-client"
CATALOG = Path(__file__).parent / "services.toml"


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


class FakeProvider:
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


class World:
    """One deployment, with shorthands for what every story begins with."""

    def __init__(self, settings, clock, provider, client_secret):
        self.settings = settings
        self.clock = clock
        self.provider = provider
        self.client_secret = client_secret
        self._open = []

    def open(self, **changes):
        """Open the deployment once more, as another process would."""
        core = open_core(
            changes.pop("settings", self.settings),
            clock=changes.pop("clock", self.clock),
            provider=changes.pop("provider", self.provider),
            **changes,
        )
        self._open.append(core)
        return core

    def close(self):
        for core in self._open:
            core.close()

    @property
    def core(self):
        return self._open[0] if self._open else self.open()

    def broker(self, person="sam"):
        return self.core.acting_as(person)

    def register(self, service="expenses"):
        """Enter the client id and secret that the service's operator issued."""
        registration = ClientRegistration(
            client_id=CLIENT_ID, client_secret=self.client_secret
        )
        return self.broker("ada").register_client(service, registration)

    def created(self, name="Expenses", *, person="sam", service="expenses", **rest):
        """Register the client and create a connection; return its broker."""
        self.register(service)
        broker = self.broker(person)
        broker.create(ConnectionDraft(service=service, name=name, **rest))
        return broker

    def begun(self, name="Expenses", *, person="sam", core=None):
        """Begin an authorization and open its link; return flow and its beginning."""
        core = core or self.core
        flow = core.acting_as(person).authorize(name).flow
        return flow, core.start_authorization(flow, user=person)

    def finished(self, answer, started, *, service="expenses", user="sam", core=None):
        """Bring an answer of the provider to the redirect URL."""
        return (core or self.core).finish_authorization(
            service, answer, binding=started.binding.reveal(), user=user
        )

    def connected(self, name="Expenses", *, person="sam", service="expenses", **rest):
        """Create a connection and authorize it; return its broker."""
        broker = self.created(name, person=person, service=service, **rest)
        self.authorized(name, person=person, service=service)
        return broker

    def authorized(self, name="Expenses", *, person="sam", service="expenses"):
        """Authorize a connection that is there."""
        _, started = self.begun(name, person=person)
        answer = self.provider.consent(started.authorization_url)
        done = self.finished(answer, started, service=service, user=person)
        assert done.state == "done", done.error
        return done

    def use(self, broker, **rest):
        """Use the connection; return the token's generation and whether it works."""
        token = broker.access_token("expenses", **rest)
        return token.generation, self.provider.is_alive(token.access_token.reveal())

    def refuses(self, answer, started, sentence, **rest):
        """Tell that an answer is refused, with nothing sent and nothing stored."""
        before = len(self.provider.token_requests)
        credentials = self.sql("SELECT * FROM credentials")
        with pytest.raises(AuthorizationFailed) as caught:
            self.finished(answer, started, **rest)
        assert before == len(self.provider.token_requests)
        assert credentials == self.sql("SELECT * FROM credentials")
        assert "CNRY" not in str(caught.value)
        assert caught.value.hint.startswith("Start again with %conn authorize")
        return sentence in caught.value.message

    def refreshes(self):
        """Count the refresh requests that reached the provider."""
        sent = self.provider.token_requests
        return sum(fields["grant_type"] == "refresh_token" for fields in sent)

    def sql(self, statement, *values):
        """Do what somebody with the database file can do; return the rows."""
        import sqlite3

        path = self.settings.data_dir / "connections.db"
        with sqlite3.connect(path, timeout=10) as database:
            found = database.execute(statement, values).fetchall()
        database.close()
        return found


@pytest.fixture
def clock():
    return MovingClock()


@pytest.fixture
def answer():
    """Make what the way out returns."""
    return Answer


@pytest.fixture
def settings(tmp_path):
    """Settings of a server on a fresh folder, with a catalogue of our own."""
    return Settings(
        data_dir=tmp_path / "data",
        runtime_dir=tmp_path / "run",
        user="sam",
        use_keyring=False,
        public_url="http://127.0.0.1:8888/connections/",
        catalog_paths=(CATALOG,),
    )


@pytest.fixture
def provider(clock, canary):
    guard = threading.Lock()

    def token(purpose):
        with guard:
            return canary(purpose)

    return FakeProvider(
        clock,
        token,
        client_secret=canary(f"client-secret:%+{secrets.token_hex(2)}"),
        issuer="https://login.expenses.example",
    )


@pytest.fixture
def world(settings, clock, provider):
    """A deployment that is not opened yet."""
    made = World(settings, clock, provider, provider.client_secret)
    yield made
    made.close()


@pytest.fixture
def told():
    """Describe a service wrongly; return what is said beside which field.

    No secret that was typed may be said again.
    """

    def describe(body):
        described = read_draft(ServiceDraft, body).described(owner="sam")
        refuse_unusable(described, allow_loopback=False)

    def try_it(body):
        with pytest.raises(InvalidInput) as caught:
            describe(body)
        assert "CNRY" not in repr(caught.value.to_json())
        assert caught.value.message.startswith("Nothing was stored: ")
        return caught.value.fields

    return try_it


@pytest.fixture
def people():
    """What the organisation knows of people."""
    return Townsfolk()


@pytest.fixture
def town(world, people):
    """A deployment where a hub knows the people: ``root`` looks after it."""
    world.open(people=people)
    return world


@pytest.fixture
def sam(world):
    """Sam, with one connection that works."""
    return world.connected()


@pytest.fixture
def issued(sam, canary):
    """A grant of Sam's for it, direct."""
    made = sam.grant(grants_drafted.draft("expenses", exposure="direct"))
    canary.watch(made.bearer.reveal(), "bearer of a grant")
    return made


@pytest.fixture
def job(world, issued):
    """Acts as a job that shows the grant."""
    return lambda place="": world.core.acting_for_grant(
        issued.bearer.reveal(), place=place
    )
