"""Scripted servers, a client registration, and services to try habits with."""

import pytest
from scripted import NOW, LoopbackServer, PureServer

from conn_core import Secret
from conn_core._services import Service
from conn_core.auth import Client, drive


@pytest.fixture
def pure():
    """A scripted server that is a pure function."""
    return PureServer()


@pytest.fixture
def loopback():
    """A scripted server on a real wire."""
    server = LoopbackServer()
    yield server
    server.close()


@pytest.fixture(params=["pure", "loopback"])
def server(request):
    """A scripted server: a pure function, and a real one."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def client(canary):
    """A client registration whose secret has every awkward character."""
    return Client(client_id="desk:client", client_secret=Secret(canary("s:%+ &=")))


@pytest.fixture
def new_service():
    """Makes services: ``new_service(base, **changes)``."""

    def make(base="https://login.desk.example", **changes):
        usual = {
            "id": "desk",
            "name": "Desk",
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "token_endpoint_auth_method": "client_secret_post",
            "api_base_url": "https://api.desk.example/v1",
            "api_hosts": ["api.desk.example"],
        }
        filled = {
            name: value.replace("BASE", base) if isinstance(value, str) else value
            for name, value in changes.items()
        }
        return Service.model_validate(usual | filled)

    return make


@pytest.fixture
def run():
    """Drives a type against a server."""

    def go(steps, server):
        return drive(steps, server.send, clock=lambda: NOW)

    return go
