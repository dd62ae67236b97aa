"""Where a crowd asks: a hub, PostgreSQL, replicas, and people with their connections."""

import base64
import contextlib
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from _scale_crowd import KERNELS

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "scripts")]

import fake_hub  # noqa: E402 - found through the lines above
import machine  # noqa: E402 - as above
import postgres  # noqa: E402 - as above
import psutil  # noqa: E402 - as above
from service_process import ServiceProcess, clean_environment  # noqa: E402 - as above

from conn_core import ConnectionDraft, Settings  # noqa: E402 - as above
from conn_core.broker import Core, open_core  # noqa: E402 - as above
from conn_core.store import Store  # noqa: E402 - as above

#: Of each person: so many that no question comes again while its answer is in memory.
CONNECTIONS = [f"weather-{number}" for number in range(20)]
_SERVICE = """
[[service]]
id = "weather"
name = "Weather"
category = "Practice"
auth_type = "api_key"
param_type = "header"
param_name = "X-API-Key"
api_base_url = "https://api.weather.example"
api_hosts = ["api.weather.example"]
test_path = "/me"
"""


@dataclass(frozen=True)
class Deployment:
    """Where everything is."""

    folder: Path
    hub: fake_hub.FakeHub
    core: Core
    url_file: Path
    key_file: Path
    catalogue: Path
    tokens: list[str]
    database: psutil.Process

    def replica(self, name: str) -> ServiceProcess:
        environment = clean_environment(
            self.folder,
            JUPYTERHUB_SERVICE_NAME="connections",
            JUPYTERHUB_SERVICE_PREFIX="/services/connections/",
            JUPYTERHUB_API_TOKEN=self.hub.service_token,
            JUPYTERHUB_API_URL=self.hub.api_url,
            JUPYTERHUB_CLIENT_ID="service-connections",
            JUPYTERHUB_BASE_URL="/",
            JUPYTERHUB_PUBLIC_URL="http://127.0.0.1:8000/services/connections/",
            JUPYTERHUB_OAUTH_CALLBACK_URL="/services/connections/oauth_callback",
            JUPYTER_CONNECTIONS_KEY_FILE=str(self.key_file),
            JUPYTER_CONNECTIONS_CATALOG=str(self.catalogue),
            JUPYTER_CONNECTIONS_DATABASE_URL_FILE=str(self.url_file),
            JUPYTER_CONNECTIONS_DATA_DIR=str(self.folder / f"data-{name}"),
        )
        return ServiceProcess(self.folder / name, environment, "").start()


def _secret_file(file: Path, text: str) -> Path:
    file.touch(mode=0o600)
    file.write_text(text)
    return file


@contextlib.contextmanager
def deployed() -> Iterator[Deployment]:
    programs = machine.find_postgres()
    assert programs, "PostgreSQL is needed: see make parts"
    with tempfile.TemporaryDirectory() as name, postgres.running(programs) as url:
        folder = Path(name)
        catalogue = folder / "weather.toml"
        catalogue.write_text(_SERVICE)
        key = base64.b64encode(os.urandom(32)).decode()
        key_file = _secret_file(folder / "master.key", key)
        hub = fake_hub.FakeHub(secrets.token_hex(16))
        settings = Settings(
            data_dir=folder / "data",
            runtime_dir=folder,
            user="sam",
            use_keyring=False,
            key_file=key_file,
            catalog_paths=(catalogue,),
        )
        core = open_core(settings, store=Store.postgresql(url))
        try:
            yield Deployment(
                folder=folder,
                hub=hub,
                core=core,
                url_file=_secret_file(folder / "url", url),
                key_file=key_file,
                catalogue=catalogue,
                tokens=_people(hub, core),
                database=_postmaster(url),
            )
        finally:
            core.close()
            hub.close()


def _postmaster(url: str) -> psutil.Process:
    file = Path(url.partition("host=")[2], "data", "postmaster.pid")
    return psutil.Process(int(file.read_text().split()[0]))


def _people(hub: fake_hub.FakeHub, core: Core) -> list[str]:
    """Give everybody their connections; return their hub tokens."""
    names = ["sam", *(f"kernel{number}" for number in range(1, KERNELS))]
    for name in names:
        hub.people[name] = fake_hub.Person()
        for link_name in CONNECTIONS:
            draft = ConnectionDraft(
                service="weather",
                name=link_name,
                secret={"api_key": secrets.token_hex(16)},
                shared_with=(),
            )
            core.acting_as(name).create(draft)
    return [hub.token_of(name) for name in names]
