"""A hub with the service on PostgreSQL, and browsers of two people."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import machine
import pytest
from hub_process import PROXY, HubProcess
from jupyter_process import free_port
from playwright.sync_api import sync_playwright
from service_process import clean_environment

from conn_serverext.practice import PracticeService

_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
_JUPYTER_CONNECTIONS = Path(sys.executable).with_name("jupyter-connections")
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
def block(folder, database):
    """What ``jupyter connections config hub`` prints for this hub."""
    key, url = folder / "master.key", folder / "database-url"
    for file, text in (
        (key, base64.b64encode(os.urandom(32)).decode()),
        (url, database),
    ):
        file.touch(mode=0o600)
        file.write_text(text)
    options = {
        "--port": str(free_port()),
        "--database-url-file": str(url),
        "--key-file": str(key),
        "--data-dir": str(folder / "service"),
    }
    words = [word for pair in options.items() for word in pair]
    said = subprocess.run(
        [_JUPYTER_CONNECTIONS, "config", "hub", *words],
        env=clean_environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return said.stdout


@pytest.fixture(scope="module")
def hub(folder, block, practice):
    """The running hub."""
    assert PROXY.exists(), "configurable-http-proxy is missing: make parts"
    catalog = folder / "practice.toml"
    catalog.write_text(practice.service_toml())
    process = HubProcess(
        folder,
        token=f"CNRY-hub-admin-{os.urandom(12).hex()}",
        password="CNRY-hub-password",
        block=block,
        more=_SERVICE.format(catalog=catalog),
    )
    try:
        process.start()
        yield process
    finally:
        process.stop()


@pytest.fixture(scope="module")
def chromium():
    """One browser process; it ends with this file."""
    path = machine.find_chromium()
    assert path, "Chromium is missing: make parts"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def person(chromium, hub):
    """Opens a browser of somebody's at the service, and logs it in with the hub."""
    contexts = []

    def enter(name):
        context = chromium.new_context()
        contexts.append(context)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.goto(f"{hub.url}services/connections/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(hub.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{hub.url}services/connections/")
        return page

    yield enter
    for context in contexts:
        context.close()
