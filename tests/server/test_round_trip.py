"""The main job against a real peer: server process, practice service, remote broker."""

import contextlib
import urllib.parse

import pytest

from conn_core import ClientRegistration, ConnectionDraft, ConnectionEdit
from conn_core.broker import RemoteBroker, resolve
from conn_core.errors import (
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
    NotEditable,
    VersionConflict,
)
from conn_core.http import connected_client
from conn_serverext.practice import PracticeService, Visitor

pytestmark = pytest.mark.kernel
BASE_URL = "/user/alice/"


@pytest.fixture(scope="module")
def practice():
    """A real authorization server and API, for a server under a prefix."""
    callback = f"http://127.0.0.1{BASE_URL}connections/callback/practice"
    with PracticeService(
        client_secret="CNRY-practice-secret-0f63", redirect_uris=[callback]
    ) as service:
        yield service


@pytest.fixture(scope="module")
def handle(start_server, environment, practice, home):
    """A Jupyter server that knows the practice service, as its kernels find it."""
    catalog = home / "practice.toml"
    catalog.write_text(practice.service_toml())
    environment["JUPYTER_CONNECTIONS_CATALOG"] = str(catalog)
    environment["JUPYTER_CONNECTIONS_ALLOW_LOOPBACK"] = "1"
    _, handle = start_server(
        "--ServerApp.port=0", f"--ServerApp.base_url={BASE_URL}", "--debug"
    )
    return handle


@pytest.fixture
def broker(handle, environment):
    """What a kernel holds."""
    broker = RemoteBroker(
        handle["endpoint"], runtime_dir=environment["JUPYTER_RUNTIME_DIR"]
    )
    yield broker
    broker.close()


@pytest.fixture
def visitor(handle, environment):
    """A browser that is logged in to Jupyter, at the address people use."""

    def log_in(host="127.0.0.1", **options):
        visitor = Visitor(**options)
        at = urllib.parse.urlsplit(handle["endpoint"])
        token = environment["JUPYTER_TOKEN"]
        page = visitor.open(
            f"http://{host}:{at.port}{BASE_URL}api/status?token={token}"
        )
        assert 200 == page.status
        return visitor

    return log_in


@pytest.fixture
def begun(broker, practice):
    """A connection called ``mine``, about to be authorized."""
    broker.register_client(
        "practice",
        ClientRegistration(
            client_id=practice.client_id, client_secret=practice.client_secret
        ),
    )
    broker.create(ConnectionDraft(service="practice", name="mine"))
    yield broker.authorize("mine")
    with contextlib.suppress(ConnectionNotFound):
        broker.delete("mine")


def test_from_the_form_to_the_call(broker, begun, visitor, practice, home):
    """Create, authorize in a browser under a prefix, use, revoke, enable, delete."""
    with pytest.raises(AuthorizationRequired):
        broker.access_token("mine")

    page = visitor().authorize(begun.start_url)

    assert (200, "You are connected.") == (page.status, _title(page.text))
    assert f"{BASE_URL}connections/result/{begun.flow}" in page.url
    assert "?" not in page.url
    assert "done" == broker.authorization(begun.flow).state
    connected = broker.connection("mine")
    assert ("connected", "Ada Lovelace") == (connected.status, connected.account)
    assert broker.test("mine").ok

    before = practice.counters.refreshes
    token = broker.access_token("mine")
    assert token.access_token.reveal() in practice.issued()
    renewed = broker.access_token("mine", rejected=token.generation)
    assert token.generation + 1 == renewed.generation
    assert 1 == practice.counters.refreshes - before

    broker.revoke("mine")
    with pytest.raises(ConnectionRevoked):
        broker.access_token("mine")
    broker.enable("mine")
    assert broker.access_token("mine")

    actions = [event.action for event in broker.events("mine")]
    assert {"create", "authorize", "revoke", "enable"} <= set(actions)
    broker.delete("mine")
    with pytest.raises(ConnectionNotFound):
        broker.connection("mine")

    log = (home / "log").read_text()
    assert "connections/callback/practice" in log
    for secret in (practice.client_secret, *practice.issued()):
        assert secret not in log


def test_a_log_in_at_localhost_is_enough(broker, begun, visitor):
    """Start at localhost, hop to 127.0.0.1, consent, result: no second log-in."""
    start = begun.start_url.replace("127.0.0.1", "localhost")

    page = visitor(host="localhost").authorize(start)

    assert "You are connected." == _title(page.text)
    assert page.url.startswith("http://127.0.0.1:")
    assert "connected" == broker.connection("mine").status


def test_consent_denied_changes_nothing(broker, begun, visitor):
    """The page and the flow say who refused; the connection is as before."""
    page = visitor(allow=False).authorize(begun.start_url)

    assert "You are not connected." == _title(page.text)
    assert "Run %conn authorize mine to start again." in page.text
    assert "denied" == broker.authorization(begun.flow).state
    assert "needs authorization" == broker.connection("mine").status


def test_the_provider_is_down_when_the_code_comes(broker, begun, visitor, practice):
    """Failed, with a text; the next attempt works."""
    with practice.outage("/oauth/token"):
        page = visitor().authorize(begun.start_url)
    assert "You are not connected." == _title(page.text)
    assert "failed" == broker.authorization(begun.flow).state

    page = visitor().authorize(broker.authorize("mine").start_url)
    assert "You are connected." == _title(page.text)


def test_a_client_in_a_kernel_calls_the_api(broker, begun, visitor, practice):
    """The injected client asks the server for its token, and renews it on a 401."""
    visitor().authorize(begun.start_url)

    before = practice.counters.refreshes
    with connected_client(broker, "mine") as client:
        first = client.get("/me")
        practice.expire_all_access_tokens()
        second = client.get("/me")

    assert (200, 200) == (first.status_code, second.status_code)
    assert 1 == practice.counters.refreshes - before


def test_errors_arrive_as_what_they_are(broker, begun):
    """The same classes and words as with a local store."""
    version = broker.connection("mine").version
    broker.edit("mine", ConnectionEdit(name="Other"), version=version)

    with pytest.raises(VersionConflict):
        broker.edit("mine", ConnectionEdit(name="Third"), version=version)
    with pytest.raises(ConnectionNotFound, match="Did you mean 'mine'"):
        broker.connection("mein")
    assert issubclass(NotEditable, ValueError)


def test_a_kernel_finds_the_server_by_its_environment(handle, environment):
    """The inherited address and the file are enough."""
    from conn_core import Settings, os_user

    settings = Settings.from_environment(
        environment,
        jupyter_data_dir=environment["JUPYTER_DATA_DIR"],
        jupyter_runtime_dir=environment["JUPYTER_RUNTIME_DIR"],
        user=os_user(),
    )
    inherited = environment | {"JUPYTER_CONNECTIONS_ENDPOINT": handle["endpoint"]}

    found = resolve(settings, inherited)

    status = found.broker.status()
    assert ("server", os_user()) == (status.kind, status.user)
    found.close()


def _title(html):
    return html.partition('<h1 class="conn-title">')[2].partition("</h1>")[0]
