"""What all our handlers have in common: who asks, what is answered, what is logged."""

import secrets
from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast
from urllib.parse import unquote, urlsplit

from jupyter_server.auth.decorator import allow_unauthenticated, authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.log import log_request, prometheus_log_method
from tornado import web

from conn_core.errors import ConnectionsError, NotAllowed

from ._identity import job_identity, person_of
from ._logged import frames_of, is_debugged

if TYPE_CHECKING:
    from tornado.httputil import HTTPServerRequest

    from conn_core.broker import Broker, Core, GrantedBroker

    from ._extension import ConnectionsExtension

T = TypeVar("T")
Verb = TypeVar("Verb", bound=Callable[..., Any])

AUTH_RESOURCE = "connections"
#: What a grant's bearer begins with.
GRANT_PREFIX = "jcg_"
_VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
#: For every answer. Jupyter's own policy lets any notebook output frame a page.
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NOTHING_ALLOWED = (
    "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


def may(action: str) -> Callable[[Verb], Verb]:
    """Ask the server's authorizer; goes inside ``@web.authenticated``.

    Args:
        action: ``read``, ``write`` or ``execute``; the method says it as ``action``.
    """

    def ask_first(method: Verb) -> Verb:
        asking = authorized(action, AUTH_RESOURCE)(method)
        asking.action = action
        return cast("Verb", asking)

    return ask_first


def checks_for_itself(method: Verb) -> Verb:
    """Let everybody reach a page that decides for itself what it does for whom."""
    return cast("Verb", allow_unauthenticated(method))


def bearer_in(request: "HTTPServerRequest") -> str:
    """Return what a request shows in its ``Authorization`` header; empty without one."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    return bearer if scheme.lower() == "bearer" else ""


class BrokerHandler(JupyterHandler):  # type: ignore[misc]  # untyped base
    """The base of every handler. Subclasses say how an error looks."""

    auth_resource = AUTH_RESOURCE
    SUPPORTED_METHODS: ClassVar[tuple[str, ...]] = ()

    extension: "ConnectionsExtension"
    reference = ""
    _provider: Any = None
    #: The methods that a job may ask which shows a grant; no other one.
    for_jobs: ClassVar[tuple[str, ...]] = ()
    #: Does what the grant allows that a job shows; None where nobody shows one.
    job_broker: "GrantedBroker | None" = None
    #: Nothing that others are answered can be another than before by what is asked here.
    only_uses: ClassVar[bool] = False
    #: The code of the error that was answered; for the service's metrics.
    error_code = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Answer 405 to what a class does not define, before anybody is asked to log in."""
        super().__init_subclass__(**kwargs)
        cls.SUPPORTED_METHODS = tuple(v for v in _VERBS if v.lower() in vars(cls))

    def initialize(self, extension: "ConnectionsExtension") -> None:
        """Take what the route table hands to every handler."""
        self.extension = extension

    @property
    def comes_from_kernel(self) -> bool:
        """The request shows the bearer of our handle file."""
        return self.extension.bearer.same_as(self.shown_bearer)

    @cached_property
    def shown_bearer(self) -> str:
        """What the request shows in its ``Authorization`` header; empty without one."""
        return bearer_in(self.request)

    @property
    def comes_from_job(self) -> bool:
        """The request shows a grant, or something that looks like one."""
        return self.shown_bearer.startswith(GRANT_PREFIX)

    @property
    def identity_provider(self) -> Any:
        """Who decides who is asking: we for kernels and jobs, else the server's own."""
        if self._provider is None:  # it is asked for time and again
            self._provider = self._found_provider()
        return self._provider

    def _found_provider(self) -> Any:
        if self.comes_from_kernel:
            return self.extension.kernel_identity
        if self.comes_from_job:
            return job_identity()
        return super().identity_provider

    async def prepare(self) -> None:
        """Refuse jobs what is not for them, then find out who is asking.

        Raises:
            NotAllowed: If a job asks for what no grant is for.
        """
        if self.comes_from_job and self.request.method not in self.for_jobs:
            raise NotAllowed(
                "A job's grant is for using connections, and opens nothing else here",
                "Do this in a notebook",
            )
        await super().prepare()

    @property
    def person(self) -> str:
        """Who is asking; call it for authenticated requests only."""
        return person_of(
            self.current_user,
            provider=self.identity_provider,
            owner=self.extension.owner,
        )

    async def ask(self, job: Callable[["Broker"], T]) -> T:
        """Do a job with a broker that acts as the asking person."""
        granted = self.job_broker
        if granted is not None:
            return await self.with_core(lambda _: job(granted))
        person, place = self.person, self.place
        return await self.with_core(
            lambda core: job(core.acting_as(person, place=place))
        )

    @property
    def place(self) -> str:
        """The notebook or job that asks, as it says itself; only ever shown."""
        return unquote(self.request.headers.get("X-Connections-Place", ""))

    async def with_core(self, job: Callable[["Core"], T]) -> T:
        """Do a job with the core itself, in a thread."""
        return await self.extension.core.run(job)

    def refuse_other_sites(self) -> None:
        """Let a browser in only from a page of this very origin.

        Unlike Jupyter's own check it ignores ``allow_origin`` and does not skip
        requests with a token.

        Raises:
            NotAllowed: If it comes from another one.
        """
        headers = self.request.headers
        site, mode = headers.get("Sec-Fetch-Site"), headers.get("Sec-Fetch-Mode")
        origin = headers.get("Origin")
        if (
            site not in {None, "same-origin", "none"}
            or mode == "no-cors"
            or (origin is not None and not self._is_ours(origin))
        ):
            raise NotAllowed("Another site may not use your connections")

    def _is_ours(self, origin: str) -> bool:
        parts = urlsplit(origin.lower())
        public = urlsplit(self.extension.public_url or "")
        return bool(parts.netloc) and (
            parts.netloc == self.request.host.lower()
            or (parts.scheme, parts.netloc) == (public.scheme, public.netloc)
        )

    def set_default_headers(self) -> None:
        """Set ours after the operator's, which cannot loosen them."""
        super().set_default_headers()
        for name, value in _HEADERS.items():
            self.set_header(name, value)
        self.set_header("Content-Security-Policy", self.policy())

    def policy(self) -> str:
        """Return what a browser may do with the answer."""
        return NOTHING_ALLOWED

    def set_cors_headers(self) -> None:
        """Let no other origin read an answer, whatever it authenticates with."""

    def finish(self, chunk: Any = None) -> Any:
        """Let nobody be answered from memory once this is."""
        if not self.only_uses:
            self.extension.core.vends.forget()
        return super().finish(chunk)

    def compute_etag(self) -> None:
        """Compute none: nothing of ours is kept by a cache."""

    def check_xsrf_cookie(self) -> None:
        """Say 401 to nobody first: they have no form that could be forged.

        Tornado calls this before anybody has been identified, Jupyter once more after.
        JupyterHub puts a check of its own in the place of Jupyter's, which knows none but
        its own tokens: whoever shows a grant, or a kernel's bearer, is past it.
        """
        if hasattr(self, "_jupyter_current_user"):
            if self.current_user is None:
                raise web.HTTPError(401)
            if self.token_authenticated:
                return
        super().check_xsrf_cookie()

    def _log(self) -> None:
        """Have no line made that nobody reads: Jupyter makes it first, then drops it."""
        says = self.settings.get("log_function")
        is_quiet = self.get_status() < 300 and not is_debugged(self.log)
        if not is_quiet or getattr(says, "func", says) is not log_request:
            super()._log()
        elif getattr(says, "keywords", {}).get("record_prometheus_metrics", True):
            prometheus_log_method(self)

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,  # noqa: ARG002 - the chain holds its own
    ) -> None:
        """Log what happened and where, never a query, a header or an error's values."""
        where = {"method": self.request.method, "handler": type(self).__name__}
        if isinstance(value, ConnectionsError):
            self.error_code = value.code
            self.log.info("Connections: refused (%s)", value.code, extra=where)
        elif isinstance(value, web.HTTPError):
            self.log.info("Connections: refused (%d)", value.status_code, extra=where)
        else:
            self.reference = secrets.token_hex(4)
            self.log.error(
                "Connections: error %s in %s %s\n%s",
                self.reference,
                where["method"],
                where["handler"],
                frames_of(value),
                extra=where | {"error": getattr(typ, "__name__", "")},
            )


def error_of(arguments: dict[str, Any]) -> BaseException | None:
    """Return the exception that tornado hands to ``write_error``, if any."""
    found = arguments.get("exc_info")
    return found[1] if found else None
