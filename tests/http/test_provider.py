"""Asking authorization servers: bounds, and no help for whoever answers badly."""

import gzip
import logging
import socket
import threading
import time

import pytest

from conn_core.errors import HostNotAllowed, ProviderUnavailable
from conn_core.http import ProviderClient


@pytest.fixture
def client():
    """A client that may ask this machine."""
    return ProviderClient(allow_loopback=True, timeout=60)


def test_a_form_is_sent_and_the_answer_returned(client, peer, reply):
    """Encoded as forms are, with the headers that were asked for."""
    peer.answer = lambda _: reply(201, b'{"a": 1}', {"X-One": "1"})

    answer = client.post_form(
        f"{peer.url}/token?refresh",
        {"code": "a b&c=d", "client_secret": "CNRY-client-secret-in-form"},
        headers={"Authorization": "Basic x"},
    )

    sent = peer.seen[0]
    assert ("POST", "/token?refresh") == (sent.method, sent.path)
    assert b"code=a+b%26c%3Dd&client_secret=CNRY-client-secret-in-form" == sent.body
    assert "application/x-www-form-urlencoded" == sent.headers["content-type"]
    assert "Basic x" == sent.headers["authorization"]
    assert "identity" == sent.headers["accept-encoding"]
    assert (201, b'{"a": 1}', "1") == (
        answer.status,
        answer.body,
        answer.headers["x-one"],
    )


def test_an_answer_shows_no_body(client, peer, reply):
    """It may hold tokens."""
    peer.answer = lambda _: reply(200, b'{"access_token": "CNRY-in-answer"}')

    answer = client.get(f"{peer.url}/me")

    assert "<ProviderAnswer 200, 34 bytes>" == repr(answer)
    assert "<ProviderClient, 60 s>" == repr(client)


def test_redirects_are_not_followed(client, peer, stranger, reply):
    """A token endpoint that moves is a matter for whoever set it up."""
    peer.answer = lambda _: reply(307, headers={"Location": stranger.url})

    assert 307 == client.post_form(f"{peer.url}/token", {"code": "x"}).status
    assert [] == stranger.seen


def test_R27_cookies_are_not_kept(client, peer, reply):
    """Each request stands alone."""
    peer.answer = lambda _: reply(200, headers={"Set-Cookie": "a=b; Path=/"})

    client.get(f"{peer.url}/me")
    client.get(f"{peer.url}/me")

    assert ["cookie" in seen.headers for seen in peer.seen] == [False, False]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
def test_E36_a_proxy_of_the_environment_is_not_used(client, peer, monkeypatch, name):
    """The environment does not decide where secrets go."""
    monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert 200 == client.get(f"{peer.url}/me").status


def test_an_answer_may_have_a_mebibyte_and_no_more(client, peer, reply):
    """Token answers are a few kilobytes."""
    peer.answer = lambda _: reply(200, b"x" * 1024 * 1024)
    assert 1024 * 1024 == len(client.get(f"{peer.url}/me").body)

    peer.answer = lambda _: reply(200, b"x" * (1024 * 1024 + 1))
    with pytest.raises(ProviderUnavailable, match="with more than 1 MiB"):
        client.get(f"{peer.url}/me")


def test_a_compressed_answer_is_not_opened(client, peer, reply):
    """We asked for none: a small one may become gigabytes."""
    bomb = gzip.compress(b"0" * 10_000_000)
    peer.answer = lambda _: reply(200, bomb, {"Content-Encoding": "gzip"})

    with pytest.raises(ProviderUnavailable, match="encoding that was not asked for"):
        client.get(f"{peer.url}/me")


def test_E35_an_error_names_the_host_alone(client, peer, reply):
    """No path, no query, no cause whose frames hold what was sent."""
    peer.answer = lambda _: reply(0)

    with pytest.raises(ProviderUnavailable) as caught:
        client.get(f"{peer.url}/me?key=CNRY-key-in-query")

    assert "127.0.0.1 broke off its answer. Try again later" == str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_server_that_is_not_there_cannot_be_reached(client):
    """Down, or nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/token"
        with pytest.raises(
            ProviderUnavailable, match=r"127\.0\.0\.1 cannot be reached"
        ):
            client.post_form(url, {})


def test_a_name_that_does_not_exist_cannot_be_reached(client, monkeypatch):
    """As the system says it; where nothing answers for names it says nothing for long."""

    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ProviderUnavailable, match=r"login\.invalid cannot be reached"):
        client.get("https://login.invalid/token")


@pytest.mark.parametrize("pace", ["silent", "drip-headers", "drip-body"])
def test_the_deadline_is_for_everything_together(pace):
    """A byte now and then keeps no thread busy."""
    with _dripping_server(pace) as port:
        began = time.monotonic()
        client = ProviderClient(allow_loopback=True, timeout=0.6)
        with pytest.raises(ProviderUnavailable, match="did not answer in time"):
            client.get(f"http://127.0.0.1:{port}/")

    assert time.monotonic() - began < 30  # they drip for a hundred seconds, or for ever


class _dripping_server:  # noqa: N801 - used as a function
    def __init__(self, pace):
        self._pace = pace
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))

    def __enter__(self):
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self._listener.getsockname()[1]

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(5)
        self._listener.close()

    def _serve(self):
        connection, _ = self._listener.accept()
        with connection:
            head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n"
            if self._pace != "silent":
                connection.sendall(head)
            if self._pace == "drip-body":
                connection.sendall(b"\r\n")
            drip = b"X" if self._pace == "drip-body" else b"X-A: b\r\n"
            while not self._stop.wait(0.1):
                try:
                    if self._pace != "silent":
                        connection.sendall(drip)
                except OSError:
                    return


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/token",
        "https://127.0.0.1/token",
        "https://localhost/token",
        "https://[::1]/token",
    ],
)
def test_E13_this_machine_is_refused_unless_it_is_allowed(url, looked_up):
    """The text says how an operator allows it; nothing was looked up."""
    with pytest.raises(HostNotAllowed, match="allow_loopback = True"):
        ProviderClient(allow_loopback=False).post_form(url, {})

    assert [] == looked_up


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example/token",
        "file:///etc/passwd",
        "ftp://login.example/",
        "javascript:alert(1)",
        "data:text/plain,x",
        "unix:/run/x.sock",
        "https://user:pw@login.example/",
        "https://good@evil.example/",
        "https://login.example/#good.example",
        "https://login.example\\@evil.example/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://localhost./",
        "https://169.254.169.254/latest/",
        "https://metadata/",
        "https://login.example:0/",
        "https://login.example/a b",
        "https://login.example/\nHost: evil",
        "https://" + "a" * 2100,
    ],
)
def test_E1_E20_an_address_that_is_none_is_refused(url, looked_up):
    """Checked when it was saved, and again here."""
    with pytest.raises(HostNotAllowed, match="Nothing was sent"):
        ProviderClient(allow_loopback=True).get(url)

    assert [] == looked_up


def test_E30_a_public_name_that_leads_inside_is_refused(monkeypatch):
    """Also where this machine is allowed: the name does not say so."""
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 443))]
    )

    with pytest.raises(HostNotAllowed, match=r"login\.example is this machine or lies"):
        ProviderClient(allow_loopback=True).get("https://login.example/token")


def test_a_certificate_that_does_not_fit_is_said_in_words():
    """Not in OpenSSL's."""
    import httpx

    def wrong(_):
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify")

    client = ProviderClient(allow_loopback=False, transport=httpx.MockTransport(wrong))

    with pytest.raises(
        ProviderUnavailable, match=r"example could not prove that it is"
    ):
        client.get("https://login.example/me")


def test_the_deadline_also_binds_a_transport_that_was_passed_in():
    """Counted between the parts of an answer."""
    import httpx

    ticks = iter([0.0, 1.0, 31.0])

    class Parts(httpx.SyncByteStream):
        def __iter__(self):
            yield from [b"a", b"b", b"c"]

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Parts()))
    client = ProviderClient(
        allow_loopback=False, transport=transport, clock=lambda: next(ticks)
    )

    with pytest.raises(ProviderUnavailable, match="did not answer in time"):
        client.get("https://login.example/me")


def test_K13_no_logger_shows_a_form_or_a_query(client, peer, caplog):
    """Not at DEBUG."""
    caplog.set_level(logging.DEBUG)

    client.post_form(
        f"{peer.url}/token?key=CNRY-key-in-query",
        {"client_secret": "CNRY-client-secret-in-form"},
        headers={"Authorization": "Basic CNRY-basic-header"},
    )

    assert "CNRY" in peer.seen[0].everything
    assert "CNRY" not in caplog.text


def test_close_closes_a_transport_that_was_passed_in():
    """The usual ones end with their request."""
    import httpx

    class Scripted(httpx.MockTransport):
        closed = False

        def close(self):
            self.closed = True

    transport = Scripted(
        lambda request: httpx.Response(200, stream=httpx.ByteStream(b"ok"))
    )
    client = ProviderClient(allow_loopback=False, transport=transport)

    assert b"ok" == client.get("https://login.example/me").body
    assert not transport.closed
    client.close()
    assert transport.closed
    ProviderClient(allow_loopback=False).close()
