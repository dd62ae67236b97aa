"""The clients: what they cost, what they leave behind, whom they do not listen to."""

import asyncio
import gc
import ssl
import subprocess
import sys

import pytest
from patience import soon

from conn_core.errors import AuthorizationRequired
from conn_core.http import connected_async_client, connected_client
from conn_core.http._tls import tls_context


@pytest.mark.parametrize("open_client", [connected_client, connected_async_client])
def test_a_connection_that_cannot_be_used_makes_no_client(broker, open_client):
    """The check comes first: a cell's body does not run."""
    broker.error = AuthorizationRequired("Connection 'coffee' has not been authorized")

    with pytest.raises(AuthorizationRequired):
        open_client(broker, "coffee", require=("read",))

    assert [("coffee", ("read",), None)] == broker.asked


def test_check_asks_the_broker_again(broker):
    """What a later cell does with a client that exists already."""
    with connected_client(broker, "coffee") as client:
        client.check(require=("order",))

    assert [("coffee", (), None), ("coffee", ("order",), None)] == broker.asked


def test_F29_the_timeout_is_the_one_that_was_asked_for(broker):
    """Thirty seconds unless told otherwise."""
    with connected_client(broker, "coffee") as client:
        assert 30.0 == client.timeout.read
    with connected_client(broker, "coffee", timeout=5) as client:
        assert 5 == client.timeout.connect


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
def test_E36_a_proxy_of_the_environment_is_not_used(ask, peer, monkeypatch, name):
    """The environment does not decide where credentials go."""
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")

    assert 200 == ask("GET", "/user").status_code


def test_E37_no_variable_changes_the_trusted_certificates(monkeypatch, tmp_path):
    """Neither another authority nor a file that receives the keys."""
    keys = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "evil.pem"))
    from conn_core.http import _tls

    context = _tls._build.__wrapped__()

    assert context.keylog_filename is None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.get_ca_certs()
    assert not keys.exists()


def test_E38_a_netrc_entry_is_not_used(ask, peer, monkeypatch, tmp_path, secret):
    """Other libraries let it replace an explicit header."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password CNRY-netrc-password")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))

    ask("GET", "/user")

    assert f"Bearer {secret}" == peer.seen[0].headers["authorization"]


def test_one_tls_context_serves_all(broker):
    """Building one takes 19 ms."""
    assert tls_context() is tls_context()


def test_a_forgotten_client_closes_its_sockets(broker, peer, recwarn):
    """A notebook binds a new client to the old name, and closes nothing."""
    client = connected_client(broker, "coffee")
    client.get("/user")
    pool = client._transport._pool.opened()
    assert 1 == len(pool.connections)

    del client
    gc.collect()

    assert [] == pool.connections
    assert [] == [w for w in recwarn if issubclass(w.category, ResourceWarning)]


def test_a_response_keeps_its_connection_after_the_client_is_forgotten(
    broker, peer, reply
):
    """Only whoever reads the last byte lets go."""
    peer.answer = lambda _: reply(body=b"x" * 3_000_000)
    client = connected_client(broker, "coffee")
    answer = client.send(client.build_request("GET", "/big"), stream=True)

    del client
    gc.collect()

    assert 3_000_000 == len(answer.read())


def test_a_client_opens_nothing_before_its_first_request(broker, peer):
    """Binding a name in a cell costs neither a socket nor a TLS context."""
    with connected_client(broker, "coffee") as client:
        assert client._transport._pool._pool is None
    assert [] == peer.seen


def test_one_client_serves_many_threads(broker, peer):
    """As any httpx client."""
    from concurrent.futures import ThreadPoolExecutor

    with connected_client(broker, "coffee") as client, ThreadPoolExecutor(16) as pool:
        paths = [f"/{n}" for n in range(200)]
        answers = list(pool.map(lambda path: client.get(path).status_code, paths))

    assert [200] * 200 == answers
    assert {f"/v1{path}" for path in paths} == {seen.path for seen in peer.seen}


def test_an_async_client_asks_in_a_thread(broker, peer):
    """A broker that is slow does not stop the event loop."""
    import threading

    vend, asked, has_gone_on = broker.access_token, threading.Event(), threading.Event()

    def slowly(name, **options):
        asked.set()
        assert has_gone_on.wait(20), "the event loop stands still"
        return vend(name, **options)

    async def run():
        async with connected_async_client(broker, "coffee") as client:
            client._source._held = None
            broker.access_token = slowly
            request = asyncio.create_task(client.get("/user"))
            await soon(asked.is_set)
            has_gone_on.set()
            return (await request).status_code

    assert 200 == asyncio.run(run())


def test_a_closed_client_says_so(broker):
    """As httpx does."""
    client = connected_client(broker, "coffee")
    client.close()

    with pytest.raises(RuntimeError, match="closed"):
        client.get("/user")


def test_preload_loads_the_library_in_the_background():
    """The façade itself loads nothing; the thread loads all that a request needs."""
    code = (
        "import sys, conn_core.http as http\n"
        "assert 'httpx' not in sys.modules and 'ssl' not in sys.modules\n"
        "http.preload().join(100)\n"
        "from conn_core.http._tls import _build\n"
        "assert _build.cache_info().currsize == 1 and 'httpcore' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=120)


def test_the_facade_names_what_it_has():
    """An unknown name is an attribute error, as everywhere."""
    from conn_core import http

    assert sorted(http.__all__) == http.__all__
    assert all(hasattr(http, name) for name in http.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = http.no_such_name
