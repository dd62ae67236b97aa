"""The service's web site: our handlers, and what they otherwise get from Jupyter Server."""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from jupyter_server.auth.authorizer import AllowAllAuthorizer
from jupyter_server.auth.identity import IdentityProvider
from tornado import httputil, web

from conn_core import Secret
from conn_core.store import stored_key_checks

from .._alerting import Alerting
from .._events import event_emitter, register_events
from .._identity import KernelIdentity
from .._lazy_core import LazyCore
from .._pages import NowherePage
from .._rest_token import TokenHandler
from .._routes import ROUTES
from ._config import ConnectionsService
from ._drain import Traffic
from ._files import read_secret
from ._health import (
    HealthHandler,
    LiveHandler,
    MetricsHandler,
    NowhereHandler,
    Readiness,
)
from ._login import LoggedInPage, LogInPage
from ._metrics import Metrics
from ._repeats import Repeatable, Repeats

if TYPE_CHECKING:
    from logging import Logger

    from conn_core.broker import Core

_OURS: Final = "connections/"


class Site:
    """What handlers know as their extension.

    Args:
        options: What the operator set.
        identity: Who says who is asking.
        public_url: What our pages start with, as browsers reach them.
        opener: Opens the core.
        log: Where it says what happens.

    Attributes:
        bearer: Of kernels of a Jupyter server; here nobody is ever told it.
    """

    def __init__(
        self,
        options: ConnectionsService,
        *,
        identity: IdentityProvider,
        public_url: str,
        opener: Callable[[], "Core"],
        log: "Logger",
    ) -> None:
        self.options = options
        self.identity = identity
        self.public_url = public_url
        self.owner = ""
        self.bearer = Secret(secrets.token_urlsafe(32))
        self.kernel_identity = KernelIdentity(self.owner)
        self.core = LazyCore(opener, threads=options.threads)
        self.traffic = Traffic()
        self.metrics = Metrics()
        self.readiness = Readiness(self)
        self.repeats = Repeats(self)
        self.metrics_bearer = self._metrics_bearer()
        self.log = log
        self.alerting = Alerting(self.core, options.notifiers())
        self.event_emitter: Callable[[Mapping[str, Any]], None] | None = None

    def tell_events(self, logger: Any, loop: asyncio.AbstractEventLoop) -> None:
        """Have each line of the audit log emitted as a structured event, too."""
        register_events(logger)
        self.event_emitter = event_emitter(logger, loop.call_soon_threadsafe)

    async def probe(self) -> None:
        """Raise unless the key opens and the database answers."""
        await asyncio.to_thread(self._look)

    def _look(self) -> None:
        core = self.core.opened()
        core.vault.refuse_if_locked()
        with core.store.read() as tx:
            stored_key_checks(tx)

    def repeated(self, request: httputil.HTTPServerRequest) -> None:
        """Count an answer that was given once more."""
        self.traffic.ends(request)
        self.metrics.repeated(seconds=request.request_time())

    def answered(self, handler: web.RequestHandler) -> None:
        """Count and log an answer; no address, which may hold a code or a name."""
        self.traffic.ends(handler.request)
        self.metrics.answered(handler)
        level = logging.INFO
        if isinstance(handler, TokenHandler) and handler.asked is not None:
            self.repeats.learn(handler, handler.asked)
            level = logging.DEBUG  # they are a thousand a second: counted, not listed
        self.log.log(
            level,
            "%s %s %d %.0f ms",
            handler.request.method,
            type(handler).__name__,
            handler.get_status(),
            handler.request.request_time() * 1000,
        )

    def _metrics_bearer(self) -> Secret | None:
        file = self.options.metrics_token_file
        return read_secret(file, what="the bearer of /metrics") if file else None


class Application(web.Application):
    """Tornado's application, which knows what is running."""

    def __init__(self, site: Site, **settings: Any) -> None:
        super().__init__(_handlers(site), **settings)
        self._site = site

    def get_handler_delegate(
        self,
        request: httputil.HTTPServerRequest,
        target_class: type[web.RequestHandler],
        *arguments: Any,
        **more: Any,
    ) -> Any:
        """Note that a request begins."""
        self._site.traffic.begins(request)
        found = super().get_handler_delegate(request, target_class, *arguments, **more)
        if target_class is not TokenHandler:
            return found
        return Repeatable(request, found, self._site)


def application(site: Site, *, secret: Secret) -> Application:
    """Make the application.

    Args:
        site: What handlers know.
        secret: Known to all replicas, and to nobody else.
    """
    parts = urlsplit(site.public_url)
    return Application(
        site,
        base_url=parts.path.removesuffix(_OURS),
        cookie_secret=_cookie_secret(secret),
        identity_provider=site.identity,
        authorizer=AllowAllAuthorizer(identity_provider=site.identity),
        login_url=f"{parts.path}login",
        # Jupyter's handlers check it themselves, once they know who is asking.
        xsrf_cookies=False,
        xsrf_cookie_kwargs={
            "path": parts.path,
            "samesite": "Lax",
            "httponly": True,
            "secure": parts.scheme == "https",
        },
        # A proxy stands in front: the name it uses for us is nobody's business.
        allow_remote_access=True,
        allow_unauthenticated_access=False,
        log_function=site.answered,
        default_handler_class=NowhereHandler,
        default_handler_args={"site": site},
        serverapp=None,
    )


def _handlers(site: Site) -> list[tuple[Any, ...]]:
    """Return all routes: ours below the public path, those of monitors beside it."""
    root, more = urlsplit(site.public_url).path, {"site": site}
    ours = [*ROUTES, ("login", LogInPage), ("oauth_callback", LoggedInPage)]
    return [
        *((root + path, handler, {"extension": site}) for path, handler in ours),
        (f"{root}health", HealthHandler, more),
        (f"{root}(?!api/).*", NowherePage, {"extension": site}),
        # Not below the path that a proxy sends here: from it everybody would ask.
        ("/health", HealthHandler, more),
        ("/health/live", LiveHandler, more),
        ("/metrics", MetricsHandler, more),
    ]


def _cookie_secret(secret: Secret) -> bytes:
    """Derive the key that signs cookies: the same in every replica, for nothing else."""
    return hmac.digest(
        secret.reveal().encode(), b"jupyter-connections cookies", hashlib.sha256
    )
