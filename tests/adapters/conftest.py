"""A desk: a real broker, a provider whose tokens end, an API that wants the newest one."""

import dataclasses
import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from quiet_shell import quiet_shell
from rotating_provider import CLIENT_ID, RotatingProvider
from scripted_peer import Peer, Reply

import conn_magics as cm
from conn_core import (
    AccessToken,
    ClientRegistration,
    Connection,
    ConnectionDraft,
    Secret,
    Settings,
)
from conn_core.broker import open_core
from conn_magics._holder import HOLDER

LINK = "desk"


class Desk:
    """One connection, called ``desk``, to an API on loopback, authorized for real."""

    def __init__(self, folder, token, *, clock, hosts=()):
        self.provider = RotatingProvider(token=token)
        assert self.provider._token is token
        self.api = Peer()
        self.api.answer = self._answer
        self.stranger = Peer()
        self.says = {}
        self.kept = {}
        self._hosts = [self.api.host, *hosts]
        self._ahead, self._started = clock, time.time()
        catalog = folder / "services.toml"
        catalog.write_text(self._catalog())
        settings = Settings(
            data_dir=folder,
            runtime_dir=folder,
            user="sam",
            allow_loopback=True,
            use_keyring=False,
            public_url="http://127.0.0.1:8888/connections/",
            catalog_paths=(catalog,),
        )
        self._core = open_core(settings, clock=lambda: self._started + self._ahead[0])
        self.broker = self._core.acting_as("sam")

    def _catalog(self):
        return f"""
            [[service]]
            id = "desk"
            name = "Desk"
            authorization_endpoint = "{self.provider.url}/authorize"
            token_endpoint = "{self.provider.url}/token"
            revocation_endpoint = "{self.provider.url}/revoke"
            scopes = [{{ name = "all" }}]
            default_scopes = ["all"]
            api_base_url = "{self.api.url}/v1"
            api_hosts = {json.dumps(self._hosts)}
            test_path = "/me"
        """

    def connect(self):
        """Do what a person does once."""
        self.broker.register_client(
            "desk",
            ClientRegistration(
                client_id=CLIENT_ID, client_secret=self.provider.client_secret
            ),
        )
        self.broker.create(ConnectionDraft(service="desk", name="Desk"))
        flow = self.broker.authorize(LINK).flow
        started = self._core.start_authorization(flow, user="sam")
        answer = self.provider.consent(started.authorization_url)
        done = self._core.finish_authorization(
            "desk", answer, binding=started.binding.reveal(), user="sam"
        )
        assert done.state == "done", done.error

    # --- what a test does -------------------------------------------------------------

    def later(self):
        """Let an hour pass: the token ends, and everybody knows when."""
        self._ahead[0] += 3600
        self.provider.reject_all()

    def refuse(self):
        """Let the API refuse the token early, which nobody knows."""
        self.provider.reject_all()

    def redirects(self, path):
        """Send whoever asks for a path to the stranger."""
        self.says[path] = Reply(302, headers={"Location": f"{self.stranger.url}/x"})

    @property
    def sent(self):
        """The credentials that the API saw, in order."""
        return [seen.headers.get("authorization", "") for seen in self.api.seen]

    def close(self):
        self._core.close()
        self.provider.close()
        self.api.close()
        self.stranger.close()

    # --- the API ----------------------------------------------------------------------

    def _answer(self, seen):
        kind, _, token = seen.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not self.provider.is_good(token):
            return Reply(401, b'{"message": "Bad credentials"}')
        said = self.says.get(urlsplit(seen.path).path)
        if said is None:
            return Reply(404, b'{"message": "Not Found"}')
        if callable(said):
            return said(seen)
        if isinstance(said, Reply):
            return said
        kind = {"Content-Type": "application/json"}
        return Reply(body=json.dumps(said).encode(), headers=kind)


@pytest.fixture
def clock(monkeypatch):
    """Seconds that the kernel and the broker have gone through; a list of one."""
    ahead = [0.0]
    monkeypatch.setattr(HOLDER, "clock", lambda: 1000.0 + ahead[0])
    return ahead


@pytest.fixture
def more_hosts():
    """What the connection may be used with beside its API."""
    return ()


@pytest.fixture
def desk(tmp_path, canary, clock, more_hosts):
    """The desk, connected; its broker is the one that ``cm`` uses."""
    # Not the canary itself: without secrets it is empty, and what is empty is false.
    desk = Desk(tmp_path, canary.__call__, clock=clock, hosts=more_hosts)
    try:
        desk.connect()
        desk.says["/v1/me"] = {"login": "sam", "url": f"{desk.api.url}/v1/me"}
        with HOLDER.using(desk.broker):
            yield desk
    finally:
        desk.close()


class ScriptedBroker:
    """Lends what a test says."""

    def __init__(self, token, **facts):
        self.token = token
        self.facts = Connection(
            link_name=LINK, name="Desk", service="desk", service_name="Desk", **facts
        )
        self.asked = []
        self.way = None

    def relay(self, name):
        return self.way

    def access_token(self, name, *, require=(), rejected=None):
        self.asked.append(rejected)
        return self.token

    def connection(self, name):
        return self.facts

    def sign(self, name, *, method, url, headers, body):
        return {"Authorization": f"OAuth signed {method}"}


@pytest.fixture
def api():
    """An API that says yes to everything, and remembers."""
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def lent(api, canary):
    """Lends another kind of credential: ``lent(param_type="query")`` returns it."""
    secret = canary("lent-token")

    def lend(*, exposure="direct", way=None, **changes):
        token = AccessToken(
            access_token=Secret(secret),
            expires_at=datetime.now(UTC) + timedelta(hours=1),
            link_name=LINK,
            service_name="Desk",
            api_base_url=f"{api.url}/v1",
            api_hosts=(api.host,),
            exposure=exposure,
        )
        token = dataclasses.replace(token, **changes)
        broker = ScriptedBroker(token, exposure=exposure, status="connected")
        broker.way = way
        stack.enter_context(HOLDER.using(broker))
        return cm.get(LINK)

    import contextlib

    with contextlib.ExitStack() as stack:
        yield lend


@pytest.fixture
def reply():
    """``Reply(status, body, headers)``."""
    return Reply


@pytest.fixture
def shell(tmp_path, monkeypatch, desk):
    """An IPython shell with the magics."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    with quiet_shell() as shell:
        yield shell
