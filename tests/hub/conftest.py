"""A hub with the service on PostgreSQL, and browsers of several people."""

import base64
import os

import machine
import pytest
from hub_process import PROXY, HubProcess, printed
from notebook_page import PATIENCE_MS
from playwright.sync_api import sync_playwright
from ports import free_port

from conn_serverext.practice import PracticeService

_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
_SERVICE = """
c.JupyterHub.services[-1]["environment"].update(
    JUPYTER_CONNECTIONS_ALLOW_LOOPBACK="1",
    JUPYTER_CONNECTIONS_CATALOG="{catalog}",
)
"""


@pytest.fixture(scope="module")
def practice():
    """The provider."""
    with PracticeService(
        client_secret="CNRY-practice-client-secret",
        # One address for everybody on the hub; loopback hosts match on any port.
        redirect_uris=["http://127.0.0.1/services/connections/callback/practice"],
    ) as service:
        yield service


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Everything of the hub."""
    return tmp_path_factory.mktemp("hub")


@pytest.fixture(scope="module")
def database(postgres_template, postgres_url):
    """The address of an empty database with our tables."""
    import sqlalchemy as sa

    name = f"hub{os.urandom(6).hex()}"
    with postgres_template.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE ours"))
    address = sa.make_url(postgres_url).set(database=name)
    yield address.render_as_string(hide_password=False)
    with postgres_template.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def catalog(folder, practice):
    """The file that makes the provider known."""
    file = folder / "practice.toml"
    file.write_text(practice.service_toml())
    return file


@pytest.fixture(scope="module")
def secret_files(folder, database):
    """The files that the printed blocks name: the master key, the database's address."""
    key = base64.b64encode(os.urandom(32)).decode()
    token = f"CNRY-hub-service-{os.urandom(12).hex()}"
    found = {}
    for name, text in (
        ("--key-file", key),
        ("--database-url-file", database),
        ("--token-file", token),
    ):
        file = folder / name.strip("-")
        file.touch(mode=0o600)
        file.write_text(text)
        found[name] = str(file)
    return found


@pytest.fixture(scope="module")
def block(folder, secret_files):
    """What ``jupyter connections config hub`` prints for this hub."""
    options = {"--port": str(free_port()), "--data-dir": str(folder / "service")}
    words = [word for pair in (options | secret_files).items() for word in pair]
    return printed(folder, "hub", *words)


@pytest.fixture(scope="module")
def new_hub(folder):
    """Makes the hub; it ends with this file."""
    assert PROXY.exists(), "configurable-http-proxy is missing: make parts"
    made = []

    def make(**options):
        token = f"CNRY-hub-admin-{os.urandom(12).hex()}"
        process = HubProcess(
            folder, token=token, password="CNRY-hub-password", **options
        )
        made.append(process)
        return process

    yield make
    for process in made:
        process.stop()


@pytest.fixture(scope="module")
def hub(new_hub, block, catalog):
    """The running hub."""
    process = new_hub(block=block, more=_SERVICE.format(catalog=catalog))
    process.start()
    return process


@pytest.fixture(scope="module")
def playwright():
    """What starts browsers; it ends with this file."""
    with sync_playwright() as started:
        yield started


@pytest.fixture
def new_profile(playwright, tmp_path):
    """Starts browsers with a profile of their own: separate processes, as of two people."""
    path = machine.find_chromium()
    assert path, "Chromium is missing: make parts"
    contexts = []

    def start(**options):
        folder = tmp_path / f"profile-{len(contexts)}"
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=path, args=_FLAGS, **options
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.pages[0]

    yield start
    for context in contexts:
        context.close()


@pytest.fixture
def person(new_profile, hub):
    """Starts a browser of somebody's at the service, logged in with the hub."""

    def enter(name, **options):
        page = new_profile(**options)
        hub.log_in(page, name)
        return page

    return enter
