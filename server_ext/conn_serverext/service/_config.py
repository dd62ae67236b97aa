"""What an operator may set for the service: ``c.ConnectionsService.*``."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from traitlets import Enum, Int, List, TraitError, Unicode, validate

from .._options import Connections

_NETWORKS: Final = ("proxy_networks", "metrics_networks")
DATABASE_FILE: Final = "JUPYTER_CONNECTIONS_DATABASE_URL_FILE"


class ConnectionsService(Connections):
    """The options of the service, beside those of the extension."""

    ip = Unicode(
        help="""Where to listen; what the hub says for a managed service, else this
        machine alone."""
    ).tag(config=True)

    port = Int(
        None,
        allow_none=True,
        min=0,
        max=65535,
        help="Where to listen; what the hub says for a managed service, else 8890.",
    ).tag(config=True)

    database = Unicode(
        help="""The PostgreSQL database of all replicas, without a password, such as
        postgresql://connections@db.example.com/connections. One file in data_dir, and
        so one replica, when nothing is said."""
    ).tag(config=True)

    database_url_file = Unicode(
        help="""A file with one line, the address of the database with its password;
        also JUPYTER_CONNECTIONS_DATABASE_URL_FILE."""
    ).tag(config=True)

    identity = Enum(
        ["", "hub", "proxy"],
        "",
        help="""Who says who somebody is: hub, or proxy. A service that the hub manages
        asks the hub; elsewhere there is no default.""",
    ).tag(config=True)

    administrator_groups = List(
        Unicode(), help="Groups of the hub whose members look after this deployment."
    ).tag(config=True)

    user_header = Unicode(
        "X-Forwarded-User", help="In which header the proxy names the person."
    ).tag(config=True)

    proxy_networks = List(
        Unicode(),
        help="""From where the proxy connects, such as 10.20.0.5/32. Nobody else is
        believed.""",
    ).tag(config=True)

    proxy_secret_header = Unicode(
        "X-Connections-Proxy", help="In which header the proxy shows its secret."
    ).tag(config=True)

    proxy_secret_file = Unicode(
        help="A file with one line: the secret that only the proxy and we know."
    ).tag(config=True)

    metrics_token_file = Unicode(
        help="A file with one line: the bearer that may read /metrics."
    ).tag(config=True)

    metrics_networks = List(
        Unicode(), help="From where /metrics may be read without a bearer."
    ).tag(config=True)

    threads = Int(
        32,
        min=1,
        help="""How many questions are worked on at once; each may wait for a slow
        provider.""",
    ).tag(config=True)

    notice_seconds = Int(
        2,
        min=0,
        help="""How long /health says that the service is about to stop while it still
        takes requests, so that a load balancer hears of it.""",
    ).tag(config=True)

    drain_seconds = Int(
        35,
        min=1,
        help="How long running requests may take to end; longer than any refresh.",
    ).tag(config=True)

    @validate(*_NETWORKS)  # type: ignore[untyped-decorator]  # untyped base
    def _networks_can_be_read(self, proposal: Mapping[str, Any]) -> list[str]:
        for network in proposal["value"]:
            try:
                ip_network(network)
            except ValueError:
                name = proposal["trait"].name
                msg = f"ConnectionsService.{name}: '{network}' is no network"
                raise TraitError(msg) from None
        return list(proposal["value"])

    @validate("database")  # type: ignore[untyped-decorator]  # as above
    def _database_has_no_password(self, proposal: Mapping[str, Any]) -> str:
        url = str(proposal["value"])
        if urlsplit(url).password is not None:
            msg = (
                "ConnectionsService.database must not hold a password, which everybody "
                "on this machine could read. Put the whole address into a file and name "
                f"it in ConnectionsService.database_url_file or {DATABASE_FILE}"
            )
            raise TraitError(msg)
        return url
