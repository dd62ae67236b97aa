"""The service of a hub, which everybody's kernels reach with the token of their server."""

from collections.abc import Mapping
from typing import Final

from .. import __version__
from .._secret import Secret
from ..errors import BrokerUnavailable
from ._bearers import BearerSource
from ._hub_broker import HubBroker
from ._remote import RemoteBroker

SERVICE: Final = "JUPYTER_CONNECTIONS_SERVICE"
DATABASE: Final = "JUPYTER_CONNECTIONS_DATABASE_URL"
#: The person's own server, where it runs notebooks by itself; set by its extension.
OWN_SERVER: Final = "JUPYTER_CONNECTIONS_OWN_SERVER"
_TOKEN: Final = "JUPYTERHUB_API_TOKEN"


def service_in(environ: Mapping[str, str]) -> str:
    """Return the service's address as kernels reach it; empty where there is none."""
    return environ.get(SERVICE, "")


def shared_database_in(environ: Mapping[str, str]) -> str:
    """Return the variable that leads to everybody's database; empty where none does."""
    names = (DATABASE, f"{DATABASE}_FILE")
    return next((name for name in names if environ.get(name)), "")


def hub_broker(environ: Mapping[str, str], *, place: str) -> RemoteBroker:
    """Return a broker that asks the hub's service, once it has answered.

    Schedules are asked for at the person's own server, where it says that it keeps them:
    notebooks run there, and the service has none.

    Args:
        environ: The environment of a single-user server, or of what it started.
        place: The notebook or job that asks.

    Raises:
        BrokerUnavailable: If there is no token, no answer, or none that this version
            understands.
    """
    broker = _broker_in(environ, place=place)
    try:
        refuse_other_times(broker.status().version)
    except BaseException:
        broker.close()
        raise
    return broker


def service_broker(environ: Mapping[str, str], *, place: str = "") -> RemoteBroker:
    """Return a broker that asks the hub's service about everything; nothing is asked yet.

    The hub gives each server a token of its own; what shows it acts as that server's
    person. Nothing takes the service's place when it does not answer: what a person
    connects in a store of their own is not what their notebooks use every day.

    Args:
        environ: The environment of a single-user server, or of what it started.
        place: The notebook or job that asks.
    """
    return RemoteBroker(service_in(environ), bearer=_hub_token_of(environ), place=place)


def _broker_in(environ: Mapping[str, str], *, place: str) -> RemoteBroker:
    own_server = environ.get(OWN_SERVER)
    if not own_server:
        return service_broker(environ, place=place)
    return HubBroker(
        service_in(environ),
        bearer=_hub_token_of(environ),
        place=place,
        own_server=own_server,
    )


def _hub_token_of(environ: Mapping[str, str]) -> BearerSource:
    def bearer() -> Secret:
        token = environ.get(_TOKEN, "")
        if not token:
            raise BrokerUnavailable(
                f"{SERVICE} is set, and {_TOKEN} is not: the service cannot know you",
                "Start your server from the hub",
            )
        return Secret(token)

    return bearer


def refuse_other_times(version: str) -> None:
    """Stop where kernel and service are more than one version apart (F-74).

    One version apart is what an upgrade looks like while it goes on.

    Args:
        version: The service's.

    Raises:
        BrokerUnavailable: If they are further apart.
    """
    theirs, ours = _line_of(version), _line_of(__version__)
    if theirs[0] == ours[0] and abs(theirs[1] - ours[1]) <= 1:
        return
    raise BrokerUnavailable(
        f"The service has version {version or 'unknown'} and this kernel {__version__}: "
        "they are more than one version apart",
        "Restart your server, or tell who runs this hub"
        if theirs > ours
        else "Tell who runs this hub",
    )


def _line_of(version: str) -> tuple[int, int]:
    """Return the first two numbers of a version; what is none is older than all."""
    parts = [*version.split("."), "", ""][:2]
    if not all(part.isascii() and part.isdecimal() for part in parts):
        return (-1, -1)
    return (int(parts[0]), int(parts[1]))
