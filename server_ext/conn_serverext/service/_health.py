"""``/health`` and ``/metrics``: for load balancers and monitors, who log in nowhere."""

import asyncio
import json
import time
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from tornado import web

from conn_core.errors import ConnectionsError

if TYPE_CHECKING:
    from ._site import Site

_PATIENCE: Final = 3.0
#: Whoever asks more often gets the same answer: the database is not asked each time.
_REMEMBERED: Final = 1.0


class Readiness:
    """Whether database and key are there, asked at most once in a second.

    Args:
        site: The service.
    """

    def __init__(self, site: "Site") -> None:
        self._site = site
        self._asked_at = float("-inf")
        self._answer = False
        self._lock = asyncio.Lock()

    async def is_ready(self) -> bool:
        """Tell whether requests can be answered."""
        async with self._lock:
            if time.monotonic() - self._asked_at >= _REMEMBERED:
                self._answer = await self._look()
                self._asked_at = time.monotonic()
        return self._answer

    async def _look(self) -> bool:
        """Open the core, whose key has to be the right one, and ask its database."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._site.probe()
        except (ConnectionsError, TimeoutError) as error:
            self._site.log.warning("Connections: not ready (%s)", type(error).__name__)
            return False
        return True


class _PlainHandler(web.RequestHandler):
    """Knows nobody, and says nothing that nobody may know."""

    site: "Site"

    def initialize(self, site: "Site") -> None:
        """Take what the route table hands over."""
        self.site = site

    def set_default_headers(self) -> None:
        """Name no software."""
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer without a page."""
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"status": status_code}))


class HealthHandler(_PlainHandler):
    """``health``: may a load balancer send requests here?"""

    async def get(self) -> None:
        """Answer ``ready``, ``draining`` or ``not ready``, without details."""
        said = "draining"
        if self.site.traffic.state == "serving":
            is_ready = await self.site.readiness.is_ready()
            said = "ready" if is_ready else "not ready"
        self.set_status(200 if said == "ready" else 503)
        self.finish({"status": said})


class LiveHandler(_PlainHandler):
    """``health/live``: is the process alive? It is as long as it answers."""

    async def get(self) -> None:
        """Answer."""
        self.finish({"status": "alive"})


class MetricsHandler(_PlainHandler):
    """``metrics``, for who shows the bearer or asks from a network of the operator's."""

    async def get(self) -> None:
        """Answer in Prometheus' words."""
        if not self._may_read():
            raise web.HTTPError(403)
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(self.site.metrics.text(running=self.site.traffic.running))

    def _may_read(self) -> bool:
        scheme, _, shown = self.request.headers.get("Authorization", "").partition(" ")
        bearer = self.site.metrics_bearer
        if bearer and scheme.lower() == "bearer" and bearer.same_as(shown):
            return True
        networks = self.site.options.metrics_networks
        return any(
            ip_address(str(self.request.remote_ip)) in ip_network(network)
            for network in networks
        )


class NowhereHandler(_PlainHandler):
    """What is at no other address."""

    def prepare(self) -> None:
        """Answer 404."""
        raise web.HTTPError(404)
