"""From options and environment to the parts of the service."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir
from jupyter_server.auth.identity import IdentityProvider

from conn_core import Secret, Settings
from conn_core.errors import InvalidInput, MissingPackage

from ._config import DATABASE_FILE, ConnectionsService
from ._files import read_secret
from ._identity import HubIdentity, ProxyIdentity

if TYPE_CHECKING:
    from conn_core.broker import People
    from conn_core.store import Store

_PORT: Final = 8890
_HERE: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """Who says who somebody is.

    Attributes:
        provider: Says who is asking.
        people: Knows who is here; None where nobody keeps a list.
        secret: Known to all replicas, and to nobody else but who says it.
    """

    provider: IdentityProvider
    people: "People | None"
    secret: Secret


def identification(
    options: ConnectionsService, settings: Settings, environ: Mapping[str, str]
) -> Identification:
    """Return who says who somebody is; call it on the service's loop.

    Raises:
        InvalidInput: If nobody is named, or something is missing.
    """
    chosen = options.identity
    if not chosen and environ.get("JUPYTERHUB_SERVICE_NAME"):
        chosen = "hub"
    if chosen == "hub":
        return _by_hub(options, settings, environ)
    if chosen == "proxy":
        return _by_proxy(options)
    raise InvalidInput(
        "Nobody is named who says who somebody is, and everybody would be let in",
        "Set c.ConnectionsService.identity to 'hub' or 'proxy'",
    )


def _by_hub(
    options: ConnectionsService, settings: Settings, environ: Mapping[str, str]
) -> Identification:
    token = environ.get("JUPYTERHUB_API_TOKEN", "")
    if not token or not environ.get("JUPYTERHUB_CLIENT_ID"):
        raise InvalidInput(
            "The hub's token for this service is missing: JUPYTERHUB_API_TOKEN and "
            "JUPYTERHUB_CLIENT_ID",
            "Run jupyter connections config hub, and let the hub start the service",
        )
    try:
        from ._hub import HubPeople, hub_auth  # noqa: PLC0415 - stand-alone without
    except ImportError as error:
        raise MissingPackage(
            "A hub's service needs a package that is not installed",
            "Run pip install 'jupyter-connections[hub]'",
        ) from error
    auth = hub_auth()
    people = HubPeople(
        auth,
        asyncio.get_running_loop(),
        administrators=settings.administrators,
        groups=tuple(options.administrator_groups),
    )
    return Identification(
        provider=HubIdentity(auth), people=people, secret=Secret(token)
    )


def _by_proxy(options: ConnectionsService) -> Identification:
    if not options.proxy_networks or not options.proxy_secret_file:
        raise InvalidInput(
            "A header alone proves nothing: anybody could write it",
            "Set c.ConnectionsService.proxy_networks and proxy_secret_file",
        )
    secret = read_secret(options.proxy_secret_file, what="the proxy's secret")
    provider = ProxyIdentity(
        user_header=options.user_header,
        networks=options.proxy_networks,
        secret_header=options.proxy_secret_header,
        secret=secret,
    )
    return Identification(provider=provider, people=None, secret=secret)


def public_url(options: ConnectionsService, environ: Mapping[str, str]) -> str:
    """Return what our pages start with, as browsers reach them.

    Raises:
        InvalidInput: If neither the operator nor the hub says it, or it is elsewhere
            than the hub sends people.
    """
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "")
    found = options.public_url or environ.get("JUPYTERHUB_PUBLIC_URL", "")
    if not found:
        raise InvalidInput(
            "How browsers reach this service is not known, and providers send them back",
            "Set c.JupyterHub.public_url, or c.ConnectionsService.public_url",
        )
    path = urlsplit(found).path
    if not path.endswith("/connections/") or (prefix and path != prefix):
        raise InvalidInput(
            f"The service is at {found}, and must be below a path that ends in "
            f"{prefix or '/connections/'}",
            "Call the hub's service 'connections'",
        )
    return found


def listens_at(
    options: ConnectionsService, environ: Mapping[str, str]
) -> tuple[str, int]:
    """Return address and port: the operator's, else the hub's, else ours."""
    told = urlsplit(environ.get("JUPYTERHUB_SERVICE_URL", ""))
    port = options.port if options.port is not None else told.port or _PORT
    return options.ip or told.hostname or _HERE, port


def settings_for(
    options: ConnectionsService, environ: Mapping[str, str], *, address: str
) -> Settings:
    """Return what the core is told."""
    found = Settings.from_environment(
        environ,
        jupyter_data_dir=jupyter_data_dir(),
        jupyter_runtime_dir=jupyter_runtime_dir(),
        user="",
    )
    return options.applied_to(replace(found, public_url=address))


def database_url(
    options: ConnectionsService, environ: Mapping[str, str]
) -> Secret | None:
    """Return the address of the database; None for a file in the service's folder.

    Raises:
        InvalidInput: If its file cannot be read.
    """
    file = options.database_url_file or environ.get(DATABASE_FILE, "")
    if file and not options.database:
        return read_secret(file, what="the address of the database")
    return Secret(options.database) if options.database else None


def refuse_a_key_of_ones_own(settings: Settings) -> None:
    """Stop a replica that would make a master key: the others would not have it.

    Raises:
        InvalidInput: If no key is named.
    """
    if settings.key_file is None:
        raise InvalidInput(
            "Replicas share one database, and so one master key: name it",
            "Set c.ConnectionsService.key_file, or JUPYTER_CONNECTIONS_KEY_FILE",
        )


def open_store(url: Secret | None) -> "Store | None":
    """Open the shared database; None where the core opens its own file."""
    if url is None:
        return None
    from conn_core.store import Store  # noqa: PLC0415 - only when there is one

    return Store.postgresql(url.reveal())
