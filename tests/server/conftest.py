"""A running server with the extension, callers of each kind, and a scripted provider."""

import json
import urllib.parse
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from types import SimpleNamespace

import pytest

# Not ``pytest_plugins``: its fixtures would start a server for every room's tests.
from pytest_jupyter.jupyter_server import *  # noqa: F403 - fixtures and hooks
from tornado.httpclient import HTTPRequest

ACCESS_TOKEN = "CNRY-access-token-4d2a77c1"
REFRESH_TOKEN = "CNRY-refresh-token-91f0c3be"
CLIENT_SECRET = "CNRY-client-secret-7c1e55aa"
CODE = "CNRY-code-b84f1d02"

COFFEE = """
[[service]]
id = "coffee"
name = "Coffee & <b>Cake</b>"
description = "A shop nobody mistakes for a real one"
predefined = true
category = "practice"
authorization_endpoint = "https://login.coffee.example/authorize"
token_endpoint = "https://login.coffee.example/token"
api_base_url = "https://api.coffee.example/v1"
api_hosts = ["api.coffee.example"]
test_path = "/me"
account_field = "login"
default_scopes = ["read"]
scopes = [
    { name = "read", display_name = "Read the menu", read_only = true },
    { name = "order", display_name = "Order coffee" },
]

[[service]]
id = "tea"
name = "Tea"
authorization_endpoint = "https://login.tea.example/authorize"
token_endpoint = "https://login.tea.example/token"
api_base_url = "https://api.tea.example"
api_hosts = ["api.tea.example"]
"""


class ScriptedProvider:
    """The way out, without a network: answers what the test says, and counts."""

    def __init__(self):
        self.token_requests = []
        self.token_answer = (
            200,
            {
                "access_token": ACCESS_TOKEN,
                "refresh_token": REFRESH_TOKEN,
                "token_type": "Bearer",
                "expires_in": 3600,
                "scope": "read",
            },
        )
        self.api_answer = (200, {"login": "priya-n"})

    def post_form(self, url, fields, *, headers):
        self.token_requests.append((url, dict(fields)))
        return self._answer(*self.token_answer)

    def get(self, url, *, headers):
        return self._answer(*self.api_answer)

    def close(self):
        pass

    def _answer(self, status, body):
        return SimpleNamespace(
            status=status,
            headers={"content-type": "application/json"},
            body=json.dumps(body).encode(),
        )


@dataclass
class Answer:
    """What came back."""

    code: int
    headers: object
    text: str

    @property
    def json(self):
        return json.loads(self.text)


@dataclass
class Browser:
    """Keeps cookies by host, path and name, as a browser does (not by port)."""

    client: object
    host: str
    cookies: dict = field(default_factory=dict)

    async def get(self, address, **options):
        return await self.send("GET", address, **options)

    async def send(self, method, address, *, body=None, headers=None, host=None):
        parts = urllib.parse.urlsplit(address)
        host = host or parts.netloc or self.host
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = {"Host": host, "Sec-Fetch-Mode": "navigate"} | (headers or {})
        held = self.held(host, parts.path)
        if held:
            sent["Cookie"] = "; ".join(f"{name}={held[name]}" for name in held)
        answer = await _fetch(self.client, method, path, headers=sent, body=body)
        self._keep(host, answer)
        return answer

    def held(self, host, path="/"):
        name = host.rpartition(":")[0]
        return {
            cookie: value
            for (where, below, cookie), value in self.cookies.items()
            if where == name and path.startswith(below)
        }

    def _keep(self, host, answer):
        name = host.rpartition(":")[0]
        for line in answer.headers.get_list("Set-Cookie"):
            for morsel in SimpleCookie(line).values():
                place = (name, morsel["path"] or "/", morsel.key)
                self.cookies.pop(place, None)
                if morsel["max-age"] != "0" and morsel.value:
                    self.cookies[place] = morsel.coded_value


async def _fetch(client, method, path, *, headers, body=None):
    request = HTTPRequest(
        client.get_url(path),
        method=method,
        headers=headers,
        body=body,
        follow_redirects=False,
        allow_nonstandard_methods=True,
        request_timeout=30,
    )
    answer = await super(type(client), client).fetch(request, raise_error=False)
    return Answer(answer.code, answer.headers, (answer.body or b"").decode())


@pytest.fixture
def catalog_file(tmp_path):
    """More predefined services, as an operator adds them."""
    file = tmp_path / "catalog" / "shops.toml"
    file.parent.mkdir()
    file.write_text(COFFEE)
    return file


@pytest.fixture
def public_url():
    """``c.Connections.public_url``; a test that needs one overrides it."""
    return ""


@pytest.fixture
def options(catalog_file, public_url):
    """``c.Connections``."""
    return {
        "use_keyring": False,
        "catalog_paths": [str(catalog_file)],
        "public_url": public_url,
    }


@pytest.fixture
def jp_server_config(options):
    """The gate: an endpoint that does not declare its authentication fails every test."""
    extensions = {
        "conn_serverext": True,
        # its own web socket does not declare anything, and would be the first to fail
        "jupyter_server_terminals": False,
    }
    return {
        "ServerApp": {
            "jpserver_extensions": extensions,
            "allow_unauthenticated_access": False,
            "reraise_server_extension_failures": True,
        },
        "Connections": options,
    }


@pytest.fixture
def extension(jp_serverapp):
    """The extension of the running server."""
    return jp_serverapp.extension_manager.extension_points["connections"].app


@pytest.fixture
def clock():
    """Seconds since 1970; a test moves ``now``."""
    return SimpleNamespace(now=1_800_000_000.0)


@pytest.fixture
def provider(extension, clock):
    """The scripted provider of a real core."""
    from conn_core.broker import open_core
    from conn_serverext._lazy_core import LazyCore

    scripted = ScriptedProvider()
    extension.core = LazyCore(
        lambda: open_core(
            extension.broker_settings(), clock=lambda: clock.now, provider=scripted
        )
    )
    return scripted


@pytest.fixture
def access_token():
    """What the provider issues first."""
    return ACCESS_TOKEN


@pytest.fixture
def root(jp_base_url):
    """The path of everything of ours."""
    return f"{jp_base_url}connections/"


@pytest.fixture
def fetch(http_server_client, root):
    """Sends a request with exactly the headers it is given."""

    async def send(method, path, *, headers=None, body=None):
        sent = dict(headers or {})
        if body is not None and not isinstance(body, str | bytes):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        return await _fetch(
            http_server_client, method, root + path, headers=sent, body=body
        )

    return send


@pytest.fixture
def kernel_header(extension):
    """What a kernel of this server sends."""
    return {"Authorization": f"Bearer {extension.bearer.reveal()}"}


@pytest.fixture
def kernel(fetch, kernel_header, provider):
    """Sends a request as a kernel of this server does."""

    async def send(method, path, *, body=None, headers=None):
        if method == "POST" and body is None:
            body = {}  # without one this client says that it sends a form
        return await fetch(
            method, path, body=body, headers=kernel_header | (headers or {})
        )

    return send


@pytest.fixture
def new_browser(http_server_client, jp_http_port):
    """Makes a browser that knows nothing yet."""
    return lambda: Browser(http_server_client, f"127.0.0.1:{jp_http_port}")


@pytest.fixture
def log_in(jp_serverapp, jp_base_url):
    """Logs a browser in to Jupyter."""

    async def go(browser, host=None):
        token = jp_serverapp.identity_provider.token
        await browser.get(f"{jp_base_url}api/status?token={token}", host=host)
        assert browser.held(host or browser.host, jp_base_url), "no log-in cookie"
        return browser

    return go


@pytest.fixture
def browser(new_browser, log_in, provider, jp_asyncio_loop):
    """A browser that is logged in to Jupyter."""
    return jp_asyncio_loop.run_until_complete(log_in(new_browser()))


@pytest.fixture
def connect(kernel):
    """Makes a connection and begins to authorize it; returns the authorization."""

    async def go(service="coffee", **draft):
        await kernel(
            "PUT",
            f"api/v1/services/{service}/registration",
            body={"client_id": "shop", "client_secret": CLIENT_SECRET},
        )
        draft["service"] = service
        made = await kernel("POST", "api/v1/connections", body=draft)
        name = made.json["link_name"]
        begun = await kernel("POST", f"api/v1/connections/{name}/authorizations")
        assert 201 == begun.code, begun.text
        return begun.json

    return go


@pytest.fixture
def grant(root):
    """What the provider does: sends the browser back with a code."""

    def go(started, **more):
        sent = urllib.parse.urlsplit(started.headers["Location"])
        asked = dict(urllib.parse.parse_qsl(sent.query))
        back = urllib.parse.urlsplit(asked["redirect_uri"])
        query = urllib.parse.urlencode({"state": asked["state"], "code": CODE} | more)
        return back._replace(query=query).geturl()

    return go


@pytest.fixture
def state_of(kernel):
    """How far an authorization is."""

    async def ask(flow):
        return (await kernel("GET", f"api/v1/authorizations/{flow}")).json

    return ask
