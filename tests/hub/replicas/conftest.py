"""Three replicas beside a real hub, behind nginx, and three services to connect to."""

import re
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from urllib.parse import quote, unquote

import pytest
from hostile_api import HostileApi
from hub_process import printed
from nginx_process import NginxProcess
from ports import free_port
from rotating_provider import CLIENT_ID, RotatingProvider
from scripted_peer import Peer, Reply
from service_process import ServiceProcess, clean_environment

_SOON = "c.ConnectionsService.notice_seconds = 0"
_TICKER = """
[[service]]
id = "ticker"
name = "Ticker"
auth_type = "bearer"
api_base_url = "{0.origin}/v1"
api_hosts = ["{0.host}"]
"""


@pytest.fixture(scope="module")
def rotating():
    """A provider whose refresh tokens work once."""
    provider = RotatingProvider("strict")
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def ticker():
    """An API that never stops talking."""
    api = HostileApi()
    yield api
    api.close()


@pytest.fixture(scope="module")
def catalog(folder, practice, rotating, ticker):
    """The file that makes all three known."""
    file = folder / "catalog.toml"
    tables = practice.service_toml(), rotating.catalog(), _TICKER.format(ticker)
    file.write_text("\n".join(tables))
    return file


@pytest.fixture(scope="module")
def place(new_hub, folder, secret_files, catalog):
    """The hub, nginx and three replicas, which the hub has not started."""
    port, listening = free_port(), [free_port() for _ in range(3)]
    options = {"--port": str(port), "--data-dir": str(folder / "service")}
    words = [word for pair in (options | secret_files).items() for word in pair]
    block = printed(folder, "hub", "--external", *words)
    hub = new_hub(block=block)
    environment = _environment(block, hub, folder) | {
        "JUPYTER_CONNECTIONS_ALLOW_LOOPBACK": "1",
        "JUPYTER_CONNECTIONS_CATALOG": str(catalog),
    }
    replicas = [
        ServiceProcess(folder / f"replica-{each}", environment, _SOON, port=each)
        for each in listening
    ]
    words = [f"--replica=127.0.0.1:{each}" for each in listening]
    words += [f"--listen=127.0.0.1:{port}", f"--access-log={folder}/nginx/access.log"]
    front = NginxProcess(
        folder / "nginx", printed(folder, "nginx", "--hub", *words), port
    )
    with ThreadPoolExecutor(5) as pool:
        started = [
            pool.submit(each.start)  # all at once: each takes its time
            for each in (hub, front, *replicas)
        ]
    try:
        for each in started:
            each.result()
        yield SimpleNamespace(hub=hub, front=front, replicas=replicas)
    finally:
        with ThreadPoolExecutor(5) as pool:
            list(pool.map(lambda each: each.stop(), (hub, front, *replicas)))


def _environment(block, hub, folder):
    """Return what the hub's block says that a replica needs, with this hub's address."""
    named = dict(re.findall(r"^#   (\w+)=(.*)$", block, re.MULTILINE))
    token = (folder / "token-file").read_text()
    filled = {
        name: re.sub("^what .* holds$", token, value)
        .replace("HUB-HOST:8081", f"127.0.0.1:{hub.hub_port}")
        .replace("https://hub.example.com", hub.url.rstrip("/"))
        for name, value in named.items()
    }
    return clean_environment(folder, **filled)


@pytest.fixture(scope="module")
def hub(place):
    """The running hub."""
    return place.hub


@pytest.fixture(scope="module")
def registered(hub, practice, rotating):
    """An administrator has made the clients known."""
    carol = hub.token_of("carol")
    for service, client, secret in (
        (practice.service_id, practice.client_id, practice.client_secret),
        ("expenses", CLIENT_ID, rotating.client_secret),
    ):
        body = {"client_id": client, "client_secret": secret}
        hub.ask_as(carol, "PUT", f"services/{service}/registration", body)


@pytest.fixture
def begin(hub, registered):
    """Makes a connection of somebody's and begins an authorization, as a kernel does."""
    made = []

    def go(who, **more):
        token = hub.token_of(who)
        body = {"service": "practice", "name": "Mine", "shared_with": []} | more
        link_name = hub.ask_as(token, "POST", "connections", body)["link_name"]
        made.append((token, link_name))
        if "secret" in more:
            return SimpleNamespace(token=token, link_name=link_name)
        flow = hub.ask_as(token, "POST", f"connections/{link_name}/authorizations", {})
        return SimpleNamespace(
            token=token,
            start_url=flow["start_url"],
            flow=lambda: hub.ask_as(token, "GET", f"authorizations/{flow['flow']}"),
            paste=lambda text: hub.ask_as(
                token, "POST", f"authorizations/{flow['flow']}/paste", {"address": text}
            ),
            status=lambda: hub.ask_as(token, "GET", f"connections/{link_name}")[
                "status"
            ],
        )

    yield go
    for token, link_name in made:
        hub.ask_as(token, "DELETE", f"connections/{link_name}")


@pytest.fixture
def sibling():
    """Makes addresses of a page next door, which sets a cookie."""
    peer = Peer()
    peer.answer = lambda seen: Reply(
        headers={"Set-Cookie": unquote(seen.path.removeprefix("/?"))}
    )
    yield lambda cookie: f"{peer.url}/?{quote(cookie)}"
    peer.close()


@pytest.fixture
def exchanged(practice):
    """Tells how many codes the provider has taken since the test began."""
    before = practice.counters.codes_exchanged
    return lambda: practice.counters.codes_exchanged - before
