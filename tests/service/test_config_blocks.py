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


def test_nginxs_block_overwrites_what_a_caller_sent():
    """And sends one path here only: /metrics is beside it."""
    block = printed("nginx", "--host", "c.example.com", "--port", "1234")

    assert "proxy_set_header X-Forwarded-User $person;" in block
    assert ["/oauth2/auth", "/connections/"] == re.findall(
        r"location (?:= )?(\S+) {", block
    )
    assert "replica-1:1234" in block
    assert block.count("{") == block.count("}")
