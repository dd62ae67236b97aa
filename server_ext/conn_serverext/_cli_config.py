"""``jupyter connections config``: blocks of configuration to paste, ready to run.

A printer is a function that prints one block. It is a command of this group; another
file adds its own with ``app.command("airflow")``, and is imported by ``cli``.
"""

from typing import Annotated

import typer

app = typer.Typer(
    name="config",
    help="Print configuration to paste, for a hub, a proxy or a scheduler.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Port = Annotated[
    int, typer.Option(min=1, max=65_535, help="Where the service listens.")
]
Database = Annotated[
    str,
    typer.Option(
        "--database-url-file",
        help="The file that holds the database's address with its password.",
    ),
]
KeyFile = Annotated[str, typer.Option(help="The file that holds the master key.")]

_DATABASE = "/etc/jupyter-connections/database-url"
_KEY = "/etc/jupyter-connections/master.key"
_DATA = "/var/lib/jupyter-connections"

_HUB = """\
# --- jupyter-connections: one service for everybody on this hub ---------------------
# Once, as the account that runs the hub:
#   openssl rand -base64 32 > {key_file} && chmod 600 {key_file}
#   echo 'postgresql://connections:PASSWORD@DATABASE-HOST/connections' > {database}
#   chmod 600 {database}
# Tell people's browsers where they are; providers send them back there:
# c.JupyterHub.public_url = "https://hub.example.com/"
c.JupyterHub.services.append(
    {{
        # The name is part of the service's address and must be this one.
        "name": "connections",
        "url": "http://127.0.0.1:{port}",
        "command": ["jupyter-connections", "serve"],
        # It is part of the hub: nobody is asked whether it may know who they are.
        "oauth_no_confirm": True,
        "environment": {{
            "JUPYTER_CONNECTIONS_DATABASE_URL_FILE": "{database}",
            "JUPYTER_CONNECTIONS_KEY_FILE": "{key_file}",
            "JUPYTER_CONNECTIONS_DATA_DIR": "{data_dir}",
            "JUPYTER_CONNECTIONS_KEYRING": "0",
        }},
    }}
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

_NGINX = """\
# --- jupyter-connections: replicas behind one address --------------------------------
# Each replica: jupyter connections serve --config /etc/jupyter-connections/config.py
#   c.ConnectionsService.identity = "proxy"
#   c.ConnectionsService.public_url = "https://{host}/connections/"
#   c.ConnectionsService.ip = "0.0.0.0"
#   c.ConnectionsService.proxy_networks = ["NGINX-ADDRESS/32"]
#   c.ConnectionsService.proxy_secret_file = "/etc/jupyter-connections/proxy-secret"
#   c.ConnectionsService.database_url_file = "{database}"
#   c.ConnectionsService.key_file = "{key_file}"
upstream connections {{
    # Any replica answers any request: no stickiness.
    server replica-1:{port} max_fails=1 fail_timeout=5s;
    server replica-2:{port} max_fails=1 fail_timeout=5s;
    keepalive 32;
}}

server {{
    listen 443 ssl;
    server_name {host};
    # ssl_certificate …; ssl_certificate_key …;

    location = /oauth2/auth {{ internal; proxy_pass http://127.0.0.1:4180; }}

    # No more than this path: /health and /metrics beside it are for monitors.
    location /connections/ {{
        auth_request /oauth2/auth;
        auth_request_set $person $upstream_http_x_auth_request_user;
        # Overwritten here, whatever a caller sent.
        proxy_set_header X-Forwarded-User $person;
        include /etc/nginx/connections-secret.conf; # proxy_set_header X-Connections-Proxy "…";

        proxy_set_header Host $host;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        # Bodies are carried as they come, both ways.
        proxy_request_buffering off;
        proxy_buffering off;
        client_max_body_size 0;
        proxy_read_timeout 300s;
        # A request that may have been done is not sent a second time.
        proxy_next_upstream error timeout;
        proxy_pass http://connections;
    }}
}}
# ------------------------------------------------------------------------------------
"""


@app.command()
def hub(
    *,
    port: Port = 8890,
    base_url: Annotated[str, typer.Option(help="The hub's base URL.")] = "/",
    database_url_file: Database = _DATABASE,
    key_file: KeyFile = _KEY,
    data_dir: Annotated[
        str, typer.Option(help="A folder of the service's own, with mode 0700.")
    ] = _DATA,
) -> None:
    """Print what jupyterhub_config.py needs for one service for everybody."""
    block = _HUB.format(
        port=port,
        base_url=f"/{base_url.strip('/')}/".replace("//", "/"),
        database=database_url_file,
        key_file=key_file,
        data_dir=data_dir,
    )
    typer.echo(block, nl=False)


@app.command()
def nginx(
    *,
    host: Annotated[
        str, typer.Option(help="The name that browsers use.")
    ] = "connections.example.com",
    port: Port = 8890,
    database_url_file: Database = _DATABASE,
    key_file: KeyFile = _KEY,
) -> None:
    """Print what nginx needs in front of replicas that belong to no hub."""
    block = _NGINX.format(
        host=host, port=port, database=database_url_file, key_file=key_file
    )
    typer.echo(block, nl=False)
