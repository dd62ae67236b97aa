"""Prometheus metrics: counts and durations. No label holds a name (M8)."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from tornado import web

from .._handler import BrokerHandler

if TYPE_CHECKING:
    from conn_core.broker import Provider

#: What handlers are counted as; every other one of REST, and every page, is one more.
_KINDS: Final = {
    "TokenHandler": "token",
    "SignHandler": "sign",
    "ProxyHandler": "proxy",
    "CallbackPage": "callback",
    "StartPage": "start",
}
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What is counted in this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "connections_request_seconds",
            "Answered requests; of kind token: tokens vended, proxy: requests proxied.",
            ["kind", "status"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._vended_again = self._requests.labels("token", "2xx")
        self._refreshes = Histogram(
            "connections_refresh_seconds",
            "Questions to providers for a new access token.",
            ["result"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._errors = Counter(
            "connections_errors",
            "Errors that were answered, by their code.",
            ["code"],
            registry=self.registry,
        )
        self._running = Gauge(
            "connections_requests_running", "Open requests.", registry=self.registry
        )

    def answered(self, handler: web.RequestHandler) -> None:
        """Count an answer."""
        status = f"{handler.get_status() // 100}xx"
        seconds = handler.request.request_time()
        self._requests.labels(_kind_of(handler), status).observe(seconds)
        code = getattr(handler, "error_code", "")
        if code:
            self._errors.labels(code).inc()

    def repeated(self, *, seconds: float) -> None:
        """Count a token that was vended once more."""
        self._vended_again.observe(seconds)

    def refreshed(self, result: str, *, seconds: float) -> None:
        """Count a question to a provider for a new access token."""
        self._refreshes.labels(result).observe(seconds)

    def text(self, *, running: int) -> bytes:
        """Return everything in Prometheus' own words."""
        self._running.set(running)
        return generate_latest(self.registry)


class CountedProvider:
    """The way out, with refreshes counted.

    Args:
        provider: The way out.
        metrics: Where they are counted.
    """

    def __init__(self, provider: "Provider", metrics: Metrics) -> None:
        self._provider = provider
        self._metrics = metrics

    def post_form(
        self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str]
    ) -> Any:
        """Send a form and return the answer."""
        if fields.get("grant_type") != "refresh_token":
            return self._provider.post_form(url, fields, headers=headers)
        began, result = time.monotonic(), "no answer"
        try:
            answer = self._provider.post_form(url, fields, headers=headers)
            result = f"{answer.status // 100}xx"
            return answer
        finally:
            self._metrics.refreshed(result, seconds=time.monotonic() - began)

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to the way out."""
        return getattr(self._provider, name)


def _kind_of(handler: web.RequestHandler) -> str:
    if not isinstance(handler, BrokerHandler):
        return "service"
    name = type(handler).__name__
    is_rest = type(handler).__module__.rpartition(".")[2].startswith("_rest")
    return _KINDS.get(name, "rest" if is_rest else "page")
