"""``jupyter connections config nginx``: what nginx needs in front of several replicas."""

from typing import Annotated, Final

import typer

from ._cli_config_options import DATABASE, KEY, BaseUrl, Database, KeyFile, path_of

_SECRET_CONF: Final = "/etc/nginx/connections-secret.conf"

_NGINX: Final = """\
# --- jupyter-connections: replicas behind one address --------------------------------
{about}
upstream connections {{
    # Any replica answers any request: no stickiness.
{replicas}
    keepalive 32;
}}

# The address of a callback holds a code: no query is written down.
log_format connections '$remote_addr [$time_local] "$request_method $uri" $status '
    '$body_bytes_sent $upstream_addr $request_time';

server {{
    listen {listen};
{identity}
    access_log {log} connections;

    proxy_set_header Host $http_host;
    proxy_set_header Connection "";
    proxy_http_version 1.1;
    # Bodies are carried as they come, both ways.
    proxy_request_buffering off;
    proxy_buffering off;
    client_max_body_size 0;
    proxy_read_timeout 300s;
    # Where a replica dies, another one is asked; what may have changed something is
    # not done twice.
    proxy_next_upstream error timeout;

    # No more than this path: /health and /metrics beside it are for monitors.
    location {path} {{
{pages}        proxy_pass http://connections;
    }}
    location {path}api/ {{ proxy_pass http://connections; }}
    # To ask for a token twice, or for a signature, is to ask once.
    location ~ ^{path}api/v1/connections/[^/]+(/(?!proxy/)[^/]+)?/(token|sign)$ {{
        proxy_request_buffering on;
        proxy_next_upstream error timeout non_idempotent;
        proxy_pass http://connections;
    }}
    # nginx quotes the whole address of a request that fails.
    location ~ ^{path}(callback/|oauth_callback$) {{
        error_log /dev/null;
{pages}        proxy_pass http://connections;
    }}
    location = {path}health {{
{open}        proxy_pass http://connections;
    }}
{more}}}
# ------------------------------------------------------------------------------------
"""

_ALONE: Final = {
    "about": """\
# Each replica: jupyter connections serve --config /etc/jupyter-connections/config.py
#   c.ConnectionsService.identity = "proxy"
#   c.ConnectionsService.public_url = "https://{host}{path}"
#   c.ConnectionsService.ip = "0.0.0.0"
#   c.ConnectionsService.proxy_networks = ["NGINX-ADDRESS/32"]
#   c.ConnectionsService.proxy_secret_file = "/etc/jupyter-connections/proxy-secret"
#   c.ConnectionsService.database_url_file = "{database}"
#   c.ConnectionsService.key_file = "{key_file}\"""",
    "identity": """\
    server_name {host};
    # ssl_certificate …; ssl_certificate_key …;

    # oauth2-proxy says who it is: run it with --set-xauthrequest.
    auth_request /oauth2/auth;
    auth_request_set $person $upstream_http_x_auth_request_user;
    # Overwritten here, whatever a caller sent.
    proxy_set_header X-Forwarded-User $person;
    include {secret}; # proxy_set_header X-Connections-Proxy "…";
""",
    "pages": """\
        error_page 401 @log_in;
""",
    "open": """\
        auth_request off;
""",
    "more": """
    location = /oauth2/auth {{
        internal;
        auth_request off;
        # It wants to know the caller, and nothing of what is asked.
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_set_header Host $http_host;
        proxy_pass {login};
    }}
    location /oauth2/ {{
        auth_request off;
        proxy_set_header Host $http_host;
        proxy_pass {login};
    }}
    # Always to the first page: the address that was asked for may hold a code.
    location @log_in {{ return 302 /oauth2/start?rd={path}; }}
""",
}

_OF_A_HUB: Final = {
    "about": """\
# The hub's own block: jupyter connections config hub --external. It says, too, what
# the environment of a replica is.""",
    "identity": """\
    # The hub's proxy and people's servers come here; the replicas ask the hub who it is.
""",
    "pages": "",
    "open": "",
    "more": "",
}


OfHub = Annotated[
    bool, typer.Option("--hub", help="The replicas belong to a JupyterHub.")
]
Host = Annotated[str, typer.Option(help="The name that browsers use; without a hub.")]
Replica = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST:PORT", help="Where one listens; may be repeated."),
]
Port = Annotated[
    int, typer.Option(min=1, max=65_535, help="Where replicas listen by default.")
]
Listen = Annotated[str, typer.Option(help="Where nginx listens, as it writes that.")]
Login = Annotated[str, typer.Option(help="Where oauth2-proxy is; without a hub.")]
SecretConf = Annotated[
    str, typer.Option(help="The file that sets the proxy's secret; without a hub.")
]
AccessLog = Annotated[
    str, typer.Option(help="Where nginx writes down what it carried.")
]


def nginx(
    *,
    hub: OfHub = False,
    base_url: BaseUrl = "/",
    host: Host = "connections.example.com",
    replica: Replica = None,
    port: Port = 8890,
    listen: Listen = "",
    login: Login = "http://127.0.0.1:4180",
    secret_conf: SecretConf = _SECRET_CONF,
    access_log: AccessLog = "/var/log/nginx/connections.log",
    database_url_file: Database = DATABASE,
    key_file: KeyFile = KEY,
) -> None:
    """Print what nginx needs in front of several replicas, of a hub or of none."""
    path = f"{path_of(base_url)}services/connections/" if hub else "/connections/"
    facts = {
        "host": host,
        "path": path,
        "login": login,
        "secret": secret_conf,
        "database": database_url_file,
        "key_file": key_file,
    }
    parts = _OF_A_HUB if hub else _ALONE
    where = replica or [f"replica-{number}:{port}" for number in (1, 2)]
    block = _NGINX.format(
        path=path,
        listen=listen or (f"127.0.0.1:{port}" if hub else "443 ssl"),
        log=access_log,
        replicas="\n".join(
            f"    server {each} max_fails=1 fail_timeout=5s;" for each in where
        ),
        **{name: text.format(**facts) for name, text in parts.items()},
    )
    typer.echo(block, nl=False)
