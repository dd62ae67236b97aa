"""Where a hub's service has the connections: this server opens nothing, and says so.

Schedules alone are here, as at a laptop: this server is what runs notebooks.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, Self
from urllib.parse import quote

from jupyter_server.utils import url_path_join

from conn_core.errors import BrokerUnavailable

from ._api import ApiHandler
from ._handler import BrokerHandler, checks_for_itself
from ._pages import PageHandler
from ._rest_schedules import ScheduleHandler, SchedulesHandler

_SERVICE: Final = "JUPYTER_CONNECTIONS_SERVICE"
#: Leads this server's kernels to it for schedules; they ask the service all else.
OWN_SERVER_VARIABLE: Final = "JUPYTER_CONNECTIONS_OWN_SERVER"
_DATABASE: Final = "JUPYTER_CONNECTIONS_DATABASE_URL"


class Elsewhere(NamedTuple):
    """Why this server has no connections of its own.

    Attributes:
        message: The sentence.
        hint: What to do.
        pages: Where browsers find them; empty where they do not.
        keeps_schedules: Notebooks run here by themselves, on what the service has.
    """

    message: str
    hint: str
    pages: str = ""
    keeps_schedules: bool = False

    @classmethod
    def found_in(cls, environ: Mapping[str, str]) -> Self | None:
        """Return what the environment says; None where the connections are here."""
        for name in (_DATABASE, f"{_DATABASE}_FILE"):
            if environ.get(name):
                return cls(
                    f"{name} leads to everybody's database, and one person's server "
                    "does not open that: it would have everybody's secrets in its reach",
                    f"Give it to jupyter connections serve, and set {_SERVICE} here",
                )
        if environ.get(_SERVICE):
            return cls(
                "The connections of this hub are at its service, not at this server",
                "Use %conn in a notebook: it asks the service",
                _pages_of(environ),
                keeps_schedules=True,
            )
        return None

    def error(self) -> BrokerUnavailable:
        """Return it as what handlers raise."""
        return BrokerUnavailable(self.message, self.hint)


def _pages_of(environ: Mapping[str, str]) -> str:
    """Return where the hub's browsers find the service, as the hub told this server."""
    base = environ.get("JUPYTERHUB_BASE_URL", "")
    if not base:
        return ""
    path = url_path_join("/", base, "services", "connections")
    return f"{environ.get('JUPYTERHUB_HOST', '')}{path}/"


class ElsewhereApi(ApiHandler):
    """``api/…``: answers 503, with where to ask."""

    @checks_for_itself
    async def get(self, _: str) -> None:
        """Say that it is elsewhere."""
        raise _place_of(self).error()

    post = put = patch = delete = get


class ElsewherePage(PageHandler):
    """Every page: leads to the same one of the service."""

    @checks_for_itself
    async def get(self, path: str) -> None:
        """Lead there; what followed the path stays behind, it may hold a code."""
        place = _place_of(self)
        if not place.pages:
            raise place.error()
        self.leave_for(place.pages + quote(path.lstrip("/"), safe="/"))


def routes(place: Elsewhere) -> tuple[tuple[str, type[BrokerHandler]], ...]:
    """Return the routes of a server that has no connections of its own."""
    rest = ((r"(api/.*)", ElsewhereApi), (r"(.*)", ElsewherePage))
    return (*_SCHEDULES, *rest) if place.keeps_schedules else rest


_SCHEDULES: Final[tuple[tuple[str, type[BrokerHandler]], ...]] = (
    (r"api/v1/schedules", SchedulesHandler),
    (r"api/v1/schedules/([^/]+)", ScheduleHandler),
)


def _place_of(handler: BrokerHandler) -> Elsewhere:
    place = handler.extension.elsewhere
    assert place is not None  # noqa: S101 - these routes are there only with one
    return place
