"""A single-user server of a hub whose service has the connections."""

import os

import pytest

SERVICE = "http://10.0.0.1:8890/services/connections/"


ON_A_HUB = {"JUPYTER_CONNECTIONS_SERVICE": SERVICE, "JUPYTERHUB_BASE_URL": "/hub1/"}


@pytest.fixture
def variables(request):
    """What the server inherits; as on a hub where a test says nothing."""
    return getattr(request, "param", ON_A_HUB)


@pytest.fixture
def environment(variables, monkeypatch):
    """It is set before the server is made."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def on_a_hub(environment, jp_serverapp):
    """A server as the hub starts it."""
    return jp_serverapp


def extension_of(server):
    return server.extension_manager.extension_points["connections"].app


async def test_pages_lead_to_the_service(on_a_hub, jp_fetch):
    """To the same page there; what followed the path stays behind."""
    answer = await jp_fetch(
        "connections",
        "connection",
        "github",
        params={"code": "CNRY-code"},
        follow_redirects=False,
        raise_error=False,
    )

    assert 303 == answer.code
    expected = "/hub1/services/connections/connection/github"
    assert expected == answer.headers["Location"]


@pytest.mark.parametrize(
    "variables",
    [
        {
            "JUPYTER_CONNECTIONS_SERVICE": SERVICE,
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_HOST": "https://hub.example.com",
        }
    ],
    indirect=True,
)
async def test_a_hub_with_a_host_of_its_own_is_led_to(on_a_hub, jp_fetch):
    """Where users have subdomains, the hub has another one."""
    answer = await jp_fetch(
        "connections", "new", follow_redirects=False, raise_error=False
    )

    expected = "https://hub.example.com/services/connections/new"
    assert (303, expected) == (answer.code, answer.headers["Location"])


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_rest_says_where_to_ask(on_a_hub, jp_fetch, method):
    """503, in our own words, and nothing is opened."""
    body = "{}" if method in {"POST", "PUT", "PATCH"} else None
    headers = {"Content-Type": "application/json"} if body else {}

    answer = await jp_fetch(
        "connections/api/v1/connections",
        method=method,
        body=body,
        headers=headers,
        raise_error=False,
    )

    assert 503 == answer.code
    assert b"at its service" in answer.body
    assert None is extension_of(on_a_hub).core._core


async def test_kernels_are_told_no_address_of_this_server(on_a_hub):
    """They find the service by themselves."""
    await on_a_hub.extension_manager.start_all_extensions()

    assert "JUPYTER_CONNECTIONS_ENDPOINT" not in os.environ
    await on_a_hub.cleanup_extensions()


@pytest.mark.parametrize(
    "variables",
    [
        {"JUPYTER_CONNECTIONS_DATABASE_URL": "x"},
        {"JUPYTER_CONNECTIONS_DATABASE_URL_FILE": "x"} | ON_A_HUB,
    ],
    indirect=True,
)
async def test_everybodys_database_is_refused_in_words(on_a_hub, jp_fetch, variables):
    """Also beside a service: its password would lie in every kernel."""
    api = await jp_fetch("connections", "api", "v1", "status", raise_error=False)
    page = await jp_fetch("connections", "new", raise_error=False)
    jobs = await jp_fetch("connections", "api", "v1", "schedules", raise_error=False)

    assert (503, 503, 503) == (api.code, page.code, jobs.code)
    assert b"leads to everybody" in jobs.body
    assert f"{next(iter(variables))} leads to everybody" in api.body.decode()
    assert "jupyter connections serve" in page.body.decode()
