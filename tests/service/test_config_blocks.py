"""``jupyter connections config hub`` and ``nginx``; a real hub runs the former."""

import re

from traitlets.config import Config
from typer.testing import CliRunner

from conn_serverext import _cli_config


def printed(*words):
    said = CliRunner().invoke(_cli_config.app, list(words))
    assert 0 == said.exit_code, said.output
    return said.output


def configured(block, config):
    exec(compile(block, "jupyterhub_config.py", "exec"), {"c": config})
    return config.JupyterHub


def test_the_hubs_block_adds_to_what_is_there():
    """Services and roles of the operator's own stay."""
    config = Config()
    config.JupyterHub.services = [{"name": "mine"}]
    config.JupyterHub.load_roles = [{"name": "mine"}]
    config.Spawner.environment = {"MINE": "1"}

    hub = configured(printed("hub", "--port", "1234", "--base-url", "x"), config)

    assert ["mine", "connections"] == [service["name"] for service in hub.services]
    assert {"mine", "connections-service", "user", "server"} == {
        role["name"] for role in hub.load_roles
    }
    assert {
        "MINE": "1",
        "JUPYTER_CONNECTIONS_SERVICE": "http://127.0.0.1:1234/x/services/connections/",
    } == config.Spawner.environment


def test_the_hubs_block_names_files_and_no_secret():
    """A password in the hub's configuration would be in its service's environment."""
    config = Config()
    config.JupyterHub.services, config.JupyterHub.load_roles = [], []
    config.Spawner.environment = {}

    hub = configured(printed("hub", "--key-file", "/k", "--data-dir", "/d"), config)

    environment = hub.services[0]["environment"]
    assert "/k" == environment["JUPYTER_CONNECTIONS_KEY_FILE"]
    assert "/d" == environment["JUPYTER_CONNECTIONS_DATA_DIR"]
    assert "JUPYTER_CONNECTIONS_DATABASE_URL" not in environment
    assert not any("postgresql" in text for text in environment.values())


def test_an_external_service_is_told_by_its_token_alone():
    """The hub starts nothing; replicas get their environment from whoever starts them."""
    config = Config()
    config.JupyterHub.services, config.JupyterHub.load_roles = [], []
    config.Spawner.environment = {}
    file = "/dev/null"  # so that the block can be run here

    block = printed("hub", "--external", "--token-file", file, "--base-url", "x")
    [service] = configured(block, config).services

    assert {"name", "url", "api_token", "oauth_no_confirm"} == set(service)
    assert "JUPYTERHUB_SERVICE_PREFIX=/x/services/connections/\n" in block
    assert "JUPYTERHUB_API_TOKEN=what /dev/null holds\n" in block


def test_nginxs_block_overwrites_what_a_caller_sent():
    """And sends one path here only: /metrics is beside it."""
    block = printed("nginx", "--host", "c.example.com", "--port", "1234")

    assert "proxy_set_header X-Forwarded-User $person;" in block
    assert all(
        place.startswith(("/connections/", "^/connections/", "/oauth2/", "@log_in"))
        for place in re.findall(r"location (?:[=~] )?(\S+) {", block)
    )
    assert "replica-1:1234" in block
    assert block.count("{") == block.count("}")


def test_nginxs_block_for_a_hub_asks_nobody_who_it_is():
    """The replicas do, and the hub's proxy has the address."""
    block = printed("nginx", "--hub", "--base-url", "x", "--port", "1234")

    assert "listen 127.0.0.1:1234;" in block
    assert "location /x/services/connections/ {" in block
    for word in ("auth_request", "X-Forwarded-User", "oauth2"):
        assert word not in block
