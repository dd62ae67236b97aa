"""A hostile API, and a connection to it whose requests the server carries."""

import asyncio
import dataclasses

import hostile_api
import pytest

from conn_core import RelayLimits

PROXY = "api/v1/connections/mine/proxy/"

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


@pytest.fixture
def allow(extension, jp_asyncio_loop):
    """Sets limits, as an operator does."""

    def go(**limits):
        relaying = extension.core.relaying

        async def change():
            settings = await relaying._told()
            relaying._settings = dataclasses.replace(
                settings, relay=RelayLimits(**limits)
            )

        return change()

    return go


@pytest.fixture
def line(kernel_header, jp_http_port, root, jp_asyncio_loop):
    """Sends the head of a request, on a socket of one's own or ``on`` an open one."""
    opened = []

    async def go(method, target, *headers, on=None):
        reader, writer = on or await asyncio.open_connection("127.0.0.1", jp_http_port)
        opened.append(writer)
        lines = [f"{method} {root}{PROXY}{target} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in kernel_header.items()]
        writer.write("\r\n".join([*lines, *headers, "", ""]).encode())
        return reader, writer

    yield go
    for writer in opened:
        writer.close()
