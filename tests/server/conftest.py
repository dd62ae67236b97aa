"""A running server with the extension, callers of each kind, and a scripted provider."""

import json
import os
import subprocess
import sys
import urllib.parse
from pathlib import Path
from types import SimpleNamespace

import cookie_browser
import page_forms
import pytest
import scripted_provider
from patience import until

# Not ``pytest_plugins``: its fixtures would start a server for every room's tests.
from pytest_jupyter.jupyter_server import *  # noqa: F403 - fixtures and hooks


@pytest.fixture
def catalog_file(tmp_path):
    """More predefined services, as an operator adds them."""
    file = tmp_path / "catalog" / "shops.toml"
    file.parent.mkdir()
    file.write_text(scripted_provider.SHOPS)
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

    scripted = scripted_provider.ScriptedProvider()

    def opened():
        core = open_core(
            extension.broker_settings(), clock=lambda: clock.now, provider=scripted
        )
        core.scheduler = extension.scheduler()
        core.auditing.told = extension.event_emitter()
        return core

    extension.core = LazyCore(opened)
    return scripted


@pytest.fixture
def access_token():
    """What the provider issues first."""
    return scripted_provider.ACCESS_TOKEN


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
        return await cookie_browser.fetch(
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
    return lambda: cookie_browser.Browser(
        http_server_client, f"127.0.0.1:{jp_http_port}"
    )


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
def submit(browser, root):
    """Opens a page and sends a form with its token."""

    async def go(path, page=None, **fields):
        shown = root + (path if page is None else page)
        return await page_forms.submit(browser, root + path, shown, fields)

    return go


@pytest.fixture
def land(submit, browser, root):
    """The same; then goes where it leads. Returns the path and what is said there."""

    async def go(path, page=None, **fields):
        answer = await submit(path, page, **fields)
        assert 303 == answer.code, page_forms.words_of(answer)
        location = answer.headers["Location"]
        assert location.startswith(root), location
        found = await browser.get(location)
        assert 200 == found.code, page_forms.words_of(found)
        return location.removeprefix(root), page_forms.words_of(found)

    return go


@pytest.fixture
def connect(kernel):
    """Makes a connection and begins to authorize it; returns the authorization."""

    async def go(service="coffee", **draft):
        await kernel(
            "PUT",
            f"api/v1/services/{service}/registration",
            body={
                "client_id": "shop",
                "client_secret": scripted_provider.CLIENT_SECRET,
            },
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
        query = urllib.parse.urlencode(
            {"state": asked["state"], "code": scripted_provider.CODE} | more
        )
        return back._replace(query=query).geturl()

    return go


@pytest.fixture
def state_of(kernel):
    """How far an authorization is."""

    async def ask(flow):
        return (await kernel("GET", f"api/v1/authorizations/{flow}")).json

    return ask


# --- a server as people start it ---------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home of its own for servers in processes of their own."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def environment(home):
    """What such a server inherits."""
    folders = {
        f"JUPYTER_{name}_DIR": str(home / name.lower())
        for name in ("CONFIG", "DATA", "RUNTIME")
    }
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "JUPYTER_CONNECTIONS_KEYRING": "0",
        "JUPYTER_TOKEN": "CNRY-server-token-3c51",
        **folders,
    }


@pytest.fixture(scope="module")
def start_server(environment, home):
    """Starts ``jupyter server`` and waits for its handle file."""
    running = []

    def start(*arguments):
        command = [sys.executable, "-m", "jupyter_server", "--allow-root"]
        with (home / "log").open("ab") as log:
            process = subprocess.Popen(
                [*command, "--no-browser", *arguments],
                env=environment,
                cwd=home,
                stdout=log,
                stderr=log,
            )
        running.append(process)
        runtime = Path(environment["JUPYTER_RUNTIME_DIR"])
        return process, until(lambda: _handle_of(process.pid, runtime), what="a handle")

    yield start
    for process in running:
        process.kill()
        process.wait()


def _handle_of(pid, runtime):
    for file in runtime.glob("connections-*.json"):
        handle = json.loads(file.read_text())
        if handle["pid"] == pid:
            return handle
    return None


@pytest.fixture
def connected(connect, browser, grant, root, jp_asyncio_loop):
    """A connection called ``mine`` that has been authorized."""

    async def go():
        begun = await connect(name="mine")
        started = await browser.get(f"{root}start/{begun['flow']}")
        await browser.get(grant(started))

    jp_asyncio_loop.run_until_complete(go())
