"""A practice service with a clock that a test moves, and a client of it."""

import contextlib
from dataclasses import dataclass, field
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from conn_serverext.practice import PracticeService, Visitor
from conn_serverext.practice._grants import challenge_of

CLIENT_SECRET = "CNRY-practice-client-9d61b7e0"
REDIRECT_URI = "http://127.0.0.1:8888/connections/callback/practice"
VERIFIER = "CNRY-practice-verifier-0123456789-0123456789-abc"


@dataclass
class Application:
    """What a registered client does, with every step open to be done wrongly."""

    service: PracticeService
    http: httpx.Client
    verifier: str = VERIFIER
    redirect_uri: str = REDIRECT_URI
    auth: tuple = field(init=False)

    def __post_init__(self):
        self.auth = (self.service.client_id, self.service.client_secret)

    def authorize_url(self, **changes):
        """Return the address to send a browser to; None leaves a parameter out."""
        query = {
            "response_type": "code",
            "client_id": self.service.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "reports.read rates.read",
            "state": "state-7f",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        } | changes
        given = {name: value for name, value in query.items() if value is not None}
        return str(httpx.URL(f"{self.service.issuer}/oauth/authorize", params=given))

    def open(self, **changes):
        """Open the authorize page; redirects are not followed."""
        return self.http.get(self.authorize_url(**changes))

    def consent(self, *, visitor=None, **changes):
        """Let somebody log in and allow; return the answer's parameters."""
        visitor = visitor or Visitor()
        page = visitor.authorize(self.authorize_url(**changes), come_back=False)
        assert page.url.startswith(self.redirect_uri), page
        return dict(parse_qsl(urlsplit(page.url).query))

    def ask(self, path="/oauth/token", *, auth="basic", headers=None, **fields):
        """Send a form to an endpoint for clients."""
        return self.http.post(
            self.service.issuer + path,
            data={k: v for k, v in fields.items() if v is not None},
            auth=self.auth if auth == "basic" else None,
            headers=headers,
        )

    def exchange(self, code, **changes):
        """Ask for the tokens of a code."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        } | changes
        return self.ask(**fields)

    def tokens(self, **changes):
        """Go the whole way."""
        answer = self.exchange(self.consent(**changes)["code"])
        assert 200 == answer.status_code, answer.text
        return SimpleNamespace(**answer.json())

    def refresh(self, refresh_token, **changes):
        """Ask for new tokens."""
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.ask(**(fields | changes))

    def api(self, path, token=None, *, method="GET", **options):
        """Call the API."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.http.request(
            method, self.service.api_base_url + path, headers=headers, **options
        )


@pytest.fixture
def clock():
    """Seconds since 1970; a test moves ``now``."""
    return SimpleNamespace(now=1_800_000_000.0)


@pytest.fixture
def http():
    """A client that follows nothing and keeps cookies."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def start_practice(clock):
    """Starts practice services: ``start(access_token_seconds=5)``."""
    with contextlib.ExitStack() as stack:

        def start(**options):
            usual = {"client_secret": CLIENT_SECRET, "clock": lambda: clock.now}
            return stack.enter_context(PracticeService(**(usual | options)))

        yield start


@pytest.fixture
def practice(start_practice):
    """A running practice service."""
    return start_practice()


@pytest.fixture
def app(practice, http):
    """A client of it."""
    return Application(practice, http)


@pytest.fixture
def app_of(http):
    """Makes a client of another service: ``app_of(service)``."""
    return lambda service, **options: Application(service, http, **options)
