"""Replicas of the service, a hub to ask, and a provider that rotates refresh tokens."""

import base64
import contextlib
import os
import time

import fake_hub
import pytest
from refresh_site import Place, Site, warm_up
from rotating_provider import RotatingProvider
from service_process import ServiceProcess, clean_environment

_CONFIG = """
c.ConnectionsService.notice_seconds = {notice}
c.ConnectionsService.metrics_token_file = {metrics!r}
"""


@pytest.fixture(scope="session", autouse=True)
def _forking():
    warm_up()


@pytest.fixture
def hub(canary):
    """A hub with sam, who has a connection, and bob."""
    with _a_hub(canary("service-token")) as found:
        yield found


@contextlib.contextmanager
def _a_hub(token):
    found = fake_hub.FakeHub(token)
    found.people["sam"] = fake_hub.Person()
    found.people["bob"] = fake_hub.Person()
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def key_file(tmp_path):
    """The master key of a deployment."""
    return _secret_in(tmp_path / "master.key", _new_key())


def _new_key():
    return base64.b64encode(os.urandom(32)).decode()


def _secret_in(file, text):
    file.touch(mode=0o600)
    file.write_text(text)
    return file


@pytest.fixture
def secret_file(tmp_path, canary):
    """Makes files with one secret line: returns the file and the secret."""

    def make(purpose):
        secret = canary(purpose)
        return _secret_in(tmp_path / f"{purpose}.txt", secret), secret

    return make


@pytest.fixture
def environment(tmp_path, hub, key_file):
    """What a hub gives to a service that it manages."""
    return _environment(tmp_path, hub, key_file)


def _environment(folder, hub, key_file):
    return clean_environment(
        folder,
        JUPYTERHUB_SERVICE_NAME="connections",
        JUPYTERHUB_SERVICE_PREFIX="/services/connections/",
        JUPYTERHUB_API_TOKEN=hub.service_token,
        JUPYTERHUB_API_URL=hub.api_url,
        JUPYTERHUB_CLIENT_ID="service-connections",
        JUPYTERHUB_BASE_URL="/",
        JUPYTERHUB_PUBLIC_URL="http://127.0.0.1:8000/services/connections/",
        JUPYTERHUB_OAUTH_CALLBACK_URL="/services/connections/oauth_callback",
        JUPYTER_CONNECTIONS_KEY_FILE=str(key_file),
        JUPYTER_CONNECTIONS_ALLOW_LOOPBACK="1",
        JUPYTER_CONNECTIONS_DATA_DIR=str(folder / "data"),
    )


@pytest.fixture
def metrics_bearer(secret_file):
    """The file with the bearer of /metrics, and the bearer."""
    return secret_file("metrics-bearer")


@pytest.fixture
def new_replica(tmp_path, environment, metrics_bearer):
    """Makes replicas: ``new_replica("a", notice=1, JUPYTER_…="…")``; not started."""
    made = []

    def make(name="a", *, notice=0, config="", **more):
        text = _CONFIG.format(notice=notice, metrics=str(metrics_bearer[0])) + config
        replica = ServiceProcess(tmp_path / name, environment | more, text)
        made.append(replica)
        return replica

    yield make
    for replica in made:
        replica.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One running service for a file's tests, and its hub."""
    folder = tmp_path_factory.mktemp("shared")
    key_file = _secret_in(folder / "master.key", _new_key())
    metrics = _secret_in(folder / "metrics", "CNRY-metrics-bearer-of-all")
    with _a_hub(f"CNRY-service-token-{os.urandom(8).hex()}") as hub:
        text = _CONFIG.format(notice=0, metrics=str(metrics))
        environment = _environment(folder, hub, key_file)
        process = ServiceProcess(folder / "a", environment, text).start()
        yield process, hub
        process.stop()


@pytest.fixture
def service(shared):
    """The running service; its people and tokens are as in the beginning."""
    process, hub = shared
    hub.people = {"sam": fake_hub.Person(), "bob": fake_hub.Person()}
    hub.tokens.clear()
    hub.asked.clear()
    hub.broken = False
    return process


@pytest.fixture
def its_hub(shared, service):
    """The hub of that service."""
    return shared[1]


@pytest.fixture
def site(tmp_path, canary, new_database, key_file):
    """A deployment on PostgreSQL with a connection of sam's, whose token has expired."""
    provider = RotatingProvider("strict", canary)
    provider.lifetime = 1.0
    place = Place(
        folder=tmp_path / "data",
        catalog=tmp_path / "catalog.toml",
        url=new_database(),
        key_file=key_file,
    )
    made = Site(place, provider)
    made.connect()
    time.sleep(1.1)
    provider.lifetime = 3600.0
    yield made
    made.close()
    provider.close()


@pytest.fixture
def replica_of(new_replica, site, tmp_path):
    """Starts replicas of that deployment; ``wait=False`` for those that will not."""
    url = _secret_in(tmp_path / "database-url.txt", site.place.url)

    def start(name, *, wait=True, **options):
        variables = {
            "JUPYTER_CONNECTIONS_DATABASE_URL_FILE": str(url),
            "JUPYTER_CONNECTIONS_CATALOG": str(site.place.catalog),
            "JUPYTER_CONNECTIONS_DATA_DIR": str(tmp_path / f"data-{name}"),
        }
        return new_replica(name, **variables | options).start(wait=wait)

    return start


@pytest.fixture
def patched(tmp_path):
    """Makes the variable that lets a process run a few lines before its own."""

    def make(lines):
        folder = tmp_path / f"patch-{os.urandom(4).hex()}"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(lines)
        return {"PYTHONPATH": str(folder)}

    return make
