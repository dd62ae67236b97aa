"""``jupyter connections config``: blocks of configuration to paste, ready to run.

A printer is a function that prints one block. It is a command of this group; another
file adds its own with ``app.command("airflow")``, and is imported by ``cli``.
"""

from typing import Annotated

import typer

from ._cli_config_nginx import nginx
from ._cli_config_options import DATABASE, KEY, BaseUrl, Database, KeyFile, path_of

app = typer.Typer(
    name="config",
    help="Print configuration to paste, for a hub, a proxy or a scheduler.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command()(nginx)

Port = Annotated[
    int, typer.Option(min=1, max=65_535, help="Where the service listens.")
]
_DATA = "/var/lib/jupyter-connections"
_TOKEN = "/etc/jupyter-connections/hub-token"

_HUB = """\
# --- jupyter-connections: one service for everybody on this hub ---------------------
# Once, as the account that runs {runs}:
#   openssl rand -base64 32 > {key_file} && chmod 600 {key_file}
#   echo 'postgresql://connections:PASSWORD@DATABASE-HOST/connections' > {database}
#   chmod 600 {database}
{once}# Tell people's browsers where they are; providers send them back there:
# c.JupyterHub.public_url = "https://hub.example.com/"
{needed}c.JupyterHub.services.append(
    {{
        # The name is part of the service's address and must be this one.
        "name": "connections",
        "url": "http://127.0.0.1:{port}",
{started}        # It is part of the hub: nobody is asked whether it may know who they are.
        "oauth_no_confirm": True,
{told}    }}
)

# A role is the whole list of its scopes: add to lists of your own, do not repeat them.
c.JupyterHub.load_roles.extend(
    [
        {{
            # What the service asks the hub: who is here, in which groups.
            "name": "connections-service",
            "scopes": ["read:users"],
            "services": ["connections"],
        }},
        {{
            # People, in their browsers.
            "name": "user",
            "scopes": ["self", "access:services!service=connections"],
        }},
        {{
            # Their servers, and so their kernels.
            "name": "server",
            "scopes": [
                "users:activity!user",
                "access:servers!server",
                "access:services!service=connections",
            ],
        }},
    ]
)

# Where kernels reach the service. On another machine, this one's address and port.
c.Spawner.environment.update(
    {{"JUPYTER_CONNECTIONS_SERVICE": "http://127.0.0.1:{port}{base_url}services/connections/"}}
)
# ------------------------------------------------------------------------------------
"""
_MANAGED = {
    "runs": "the hub",
    "once": "",
    "needed": "",
    "started": """\
        "command": ["jupyter-connections", "serve"],
""",
    "told": """\
        "environment": {{
            "JUPYTER_CONNECTIONS_DATABASE_URL_FILE": "{database}",
            "JUPYTER_CONNECTIONS_KEY_FILE": "{key_file}",
            "JUPYTER_CONNECTIONS_DATA_DIR": "{data_dir}",
            "JUPYTER_CONNECTIONS_KEYRING": "0",
        }},
""",
}
_EXTERNAL = {
    "runs": "the replicas",
    "once": """\
# And as the account that runs the hub:
#   openssl rand -hex 32 > {token_file} && chmod 600 {token_file}
# Start each replica, jupyter-connections serve --ip 0.0.0.0, with this environment:
#   JUPYTERHUB_SERVICE_NAME=connections
#   JUPYTERHUB_SERVICE_PREFIX={base_url}services/connections/
#   JUPYTERHUB_API_TOKEN=what {token_file} holds
#   JUPYTERHUB_API_URL=http://HUB-HOST:8081{base_url}hub/api
#   JUPYTERHUB_CLIENT_ID=service-connections
#   JUPYTERHUB_BASE_URL={base_url}
#   JUPYTERHUB_PUBLIC_URL=https://hub.example.com{base_url}services/connections/
#   JUPYTER_CONNECTIONS_DATABASE_URL_FILE={database}
#   JUPYTER_CONNECTIONS_KEY_FILE={key_file}
#   JUPYTER_CONNECTIONS_DATA_DIR={data_dir}
#   JUPYTER_CONNECTIONS_KEYRING=0
# Put an address of all of them in front: jupyter connections config nginx --hub
""",
    "needed": """\
from pathlib import Path

""",
    "started": """\
        "api_token": Path("{token_file}").read_text().strip(),
""",
    "told": "",
}


@app.command()
def hub(
    *,
    port: Port = 8890,
    base_url: BaseUrl = "/",
    database_url_file: Database = DATABASE,
    key_file: KeyFile = KEY,
    data_dir: Annotated[
        str, typer.Option(help="A folder of the service's own, with mode 0700.")
    ] = _DATA,
    external: Annotated[
        bool,
        typer.Option(
            "--external", help="The hub starts no service: replicas run beside it."
        ),
    ] = False,
    token_file: Annotated[
        str, typer.Option(help="The file that holds the token of external replicas.")
    ] = _TOKEN,
) -> None:
    """Print what jupyterhub_config.py needs for one service for everybody."""
    facts = {
        "port": port,
        "base_url": path_of(base_url),
        "database": database_url_file,
        "key_file": key_file,
        "data_dir": data_dir,
        "token_file": token_file,
    }
    kind = _EXTERNAL if external else _MANAGED
    parts = {name: text.format(**facts) for name, text in kind.items()}
    block = _HUB.format(**facts | parts)
    typer.echo(block, nl=False)
