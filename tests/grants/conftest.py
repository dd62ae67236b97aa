"""A deployment of ours against real authorization servers, and people who use it."""

import base64
import dataclasses
import json
import time
import urllib.error
import urllib.parse
import urllib.request

import glewlwyd
import machine
import pytest

from conn_core import ClientRegistration, ConnectionDraft, Settings
from conn_core.broker import open_core
from conn_core.broker._credentials import held_tokens
from conn_core.store import rows

BASE = "http://127.0.0.1:8888/connections/"


class ShiftedClock:
    """The time of day, and what a test adds to it."""

    def __init__(self):
        self.ahead = 0.0

    def __call__(self):
        return time.time() + self.ahead

    def advance(self, seconds):
        self.ahead += seconds


def parts_of(address):
    """Return the query of an address as a browser brings it to our page."""
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))


class Desk:
    """One deployment, with shorthands for what people do with it."""

    def __init__(self, settings, clock):
        self.settings = settings
        self.clock = clock
        self.core = None

    def opened(self, catalogue, **changes):
        """Open, or open anew, with a catalogue of services."""
        self.close()
        path = self.settings.data_dir.parent / "services.toml"
        path.write_text(catalogue)
        settings = dataclasses.replace(self.settings, catalog_paths=(path,), **changes)
        self.core = open_core(settings, clock=self.clock)
        return self.core

    def close(self):
        if self.core is not None:
            self.core.close()

    @property
    def broker(self):
        return self.core.acting_as("sam")

    def registered(self, service, *, client_id, client_secret):
        registration = ClientRegistration(
            client_id=client_id, client_secret=client_secret
        )
        self.broker.register_client(service, registration)

    def created(self, service, **rest):
        """Create a connection that is called Coffee."""
        self.broker.create(ConnectionDraft(service=service, name="Coffee", **rest))
        return self.broker

    def begun(self, name="coffee"):
        """Begin, and open the local link; return the beginning."""
        flow = self.broker.authorize(name, flow="browser").flow
        return self.core.start_authorization(flow, user="sam")

    def brought(self, service, started, answer):
        """Bring the provider's answer to our page, in the browser that began."""
        return self.core.finish_authorization(
            service, answer, binding=started.binding.reveal(), user="sam"
        )

    def authorized(self, service, server):
        """Authorize by code, to the end."""
        started = self.begun()
        back = server.consent(started.authorization_url)
        done = self.brought(service, started, parts_of(back))
        assert done.state == "done", done.error
        return done

    def refresh_token(self):
        """Return the refresh token that is sealed with us, as nobody else can."""
        with self.core.store.read() as tx:
            row = rows.row_of_owner(
                tx, "sam", "coffee", seen_by=rows.Onlooker(person="sam")
            )
            sealed = rows.credential_row(tx, row.credential_id)
        return held_tokens(self.core, sealed).refresh_token.reveal()


@pytest.fixture
def clock():
    return ShiftedClock()


@pytest.fixture
def desk(tmp_path, clock):
    """A deployment that is not opened yet."""
    settings = Settings(
        data_dir=tmp_path / "data",
        runtime_dir=tmp_path / "run",
        user="sam",
        allow_loopback=True,
        use_keyring=False,
        public_url=BASE,
    )
    made = Desk(settings, clock)
    yield made
    made.close()


@pytest.fixture
def bar(start_certified_server, desk, canary, tmp_path):
    """A certified server that our deployment knows as a coffee bar.

    ``bar(server=…, client=…, **service)`` starts it, registers its client with us, and
    opens us. Afterwards no token and no secret may be found in our folder.
    """
    servers = []

    def start(*, server=None, client=None, registered=True, secret=None, **service):
        secret = secret or canary("client-secret:%+")
        known = {
            "client_id": "coffee-client",
            "client_secret": secret,
            "application_type": "native",
            "redirect_uris": [f"{BASE}callback/certified"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "client_secret_basic",
        } | (client or {})
        known = {name: value for name, value in known.items() if value is not None}
        running = start_certified_server(
            client_secret=secret, clients=[known], **(server or {})
        )
        servers.append(running)
        desk.opened(running.service_toml(**service))
        if registered:
            desk.registered(
                "certified", client_id="coffee-client", client_secret=secret
            )
        return running

    yield start
    for server in servers:
        if server.process.poll() is None:
            canary.watch_all(server.issued(), "token")
    canary.sweep([desk.settings.data_dir])


@pytest.fixture
def other_server(canary):
    """A server that has nothing in common with the certified one."""
    root = machine.find_glewlwyd()
    assert root, "glewlwyd is missing: make parts"
    with glewlwyd.running(
        root,
        client_secret=canary("client-secret:%+"),
        password=canary("password"),
        redirect_uris=[f"{BASE}callback/other"],
    ) as server:
        yield server


def ask(server, path, *, bearer=None, **form):
    """Ask a certified server as its client, without anything of ours in between."""
    pair = f"{server.client_id}:{urllib.parse.quote_plus(server.client_secret)}"
    basic = base64.b64encode(pair.encode()).decode()
    headers = {"Authorization": f"Bearer {bearer}" if bearer else f"Basic {basic}"}
    body = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(f"{server.issuer}{path}", body, headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, json.load(answer)


@pytest.fixture(name="ask")
def _ask():
    return ask


@pytest.fixture(name="parts_of")
def _parts_of():
    return parts_of
