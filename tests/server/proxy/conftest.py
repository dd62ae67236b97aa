"""A hostile API, and a connection to it whose requests the server carries."""

import hostile_api
import pytest

SERVICE = """
[[service]]
id = "hostile"
name = "Hostile"
predefined = true
category = "practice"
auth_type = "api_key"
param_name = "X-Key"
param_prefix = ""
api_base_url = "{origin}/v1"
api_hosts = ["{host}"]
"""


@pytest.fixture
def api():
    """The API; ``plays`` says what it does."""
    made = hostile_api.HostileApi()
    yield made
    made.close()


@pytest.fixture
def catalog_file(catalog_file, api):
    catalog_file.write_text(SERVICE.format(origin=api.origin, host=api.host))
    return catalog_file


@pytest.fixture
def options(options):
    return options | {"allow_loopback": True}


@pytest.fixture
def key(canary):
    """The API key, which only the broker and the API may know."""
    return canary("api-key")


@pytest.fixture
def mine(kernel, key, jp_asyncio_loop):
    """A connection called ``mine`` that works."""

    async def go():
        draft = {"service": "hostile", "name": "mine", "secret": {"api_key": key}}
        made = await kernel("POST", "api/v1/connections", body=draft)
        assert 201 == made.code, made.text
        return made.json

    return jp_asyncio_loop.run_until_complete(go())
