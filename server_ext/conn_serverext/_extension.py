"""The extension: what the server loads, starts and stops."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir
from jupyter_server.extension.application import ExtensionApp

from conn_core import Secret, os_user
from conn_core.broker import remove_handle, socket_path, write_handle

from ._addresses import address_of
from ._alerting import Alerting
from ._elsewhere import OWN_SERVER_VARIABLE, Elsewhere
from ._elsewhere import routes as elsewhere_routes
from ._events import event_emitter, register_events
from ._identity import KernelIdentity, owner_of
from ._kernel_door import KernelDoor, kernel_door
from ._lazy_core import LazyCore
from ._options import Connections
from ._routes import ROUTES

if TYPE_CHECKING:  # the database is not paid for when the server starts
    from conn_core import Settings
    from conn_core.broker import Core

    from ._scheduling import JupyterScheduler

ENDPOINT_VARIABLE: Final = "JUPYTER_CONNECTIONS_ENDPOINT"

#: Query parameters that no log may show, beside Jupyter's own (anything with
#: ``token``, ``code``, ``state``, ``key``, ``auth`` or ``xsrf`` in its name).
SCRUBBED: Final = (
    "accounts-server",
    "assertion",
    "description",
    "device",
    "hop",
    "iss",
    "realmId",
)


class ConnectionsExtension(ExtensionApp):  # type: ignore[misc]  # untyped base
    """Connections to third-party services, for the notebooks of this server."""

    name = "connections"
    classes: Final = [Connections]

    options: Connections
    owner: str
    bearer: Secret
    kernel_identity: KernelIdentity
    core: LazyCore
    alerting: Alerting
    endpoint: str | None = None
    #: Where kernels do not wait behind everybody else; None where the system has none.
    door: KernelDoor | None = None
    #: Why this server has no connections of its own; None where it has.
    elsewhere: Elsewhere | None = None
    #: The server starts and stops us even when a wrong option kept us from loading.
    loaded = False

    def initialize_settings(self) -> None:
        """Make what the handlers need; nothing is opened yet."""
        self.options = Connections(parent=self)
        self.owner = owner_of(
            self.serverapp.identity_provider, environ=os.environ, os_user=os_user()
        )
        self.bearer = Secret(secrets.token_urlsafe(32))
        self.kernel_identity = KernelIdentity(self.owner)
        self.elsewhere = Elsewhere.found_in(os.environ)
        self.core = LazyCore(self.open_schedules if self.elsewhere else self.open_core)
        self.alerting = Alerting(self.core, self.options.notifiers())
        scrubbed = self.settings.get("extra_log_scrub_param_keys", [])
        self.settings["extra_log_scrub_param_keys"] = [*scrubbed, *SCRUBBED]
        register_events(self.serverapp.event_logger)
        self.loaded = True

    def initialize_handlers(self) -> None:
        """Put the route table under ``{base_url}connections/``."""
        self.handlers.extend(
            (rf"connections/{path}", handler, {"extension": self})
            for path, handler in (
                elsewhere_routes(self.elsewhere) if self.elsewhere else ROUTES
            )
        )

    @property
    def public_url(self) -> str | None:
        """What our pages start with, as browsers reach them."""
        return self.options.public_url or address_of(self.serverapp)

    def broker_settings(self) -> "Settings":
        """Return what the core is told: the environment, then the operator's options."""
        from conn_core import Settings  # noqa: PLC0415 - the first request pays for it

        found = Settings.from_environment(
            os.environ,
            jupyter_data_dir=jupyter_data_dir(),
            jupyter_runtime_dir=jupyter_runtime_dir(),
            user=self.owner,
        )
        return self.options.applied_to(replace(found, public_url=self.public_url))

    def open_core(self) -> "Core":
        """Open store and vault; called once, by the first request that needs them."""
        from conn_core.broker import open_core  # noqa: PLC0415 - the point of it

        core = open_core(self.broker_settings())
        core.scheduler = self.scheduler()
        core.auditing.told = self.event_emitter()
        self.serverapp.io_loop.add_callback(self.alerting.begin)
        return core

    def open_schedules(self) -> "Core":
        """Return what a server has in a core's place whose connections are elsewhere."""
        from ._schedules_here import SchedulesHere  # noqa: PLC0415 - as above

        return cast("Core", SchedulesHere(self.scheduler(), os.environ, self.log))

    def event_emitter(self) -> Callable[[Mapping[str, Any]], None]:
        """Return what emits a structured event for each line of the audit log."""
        return event_emitter(
            self.serverapp.event_logger, self.serverapp.io_loop.add_callback
        )

    def scheduler(self) -> "JupyterScheduler":
        """Return what runs notebooks by itself; it says so where jupyter-scheduler is not."""
        from ._scheduling import JupyterScheduler  # noqa: PLC0415 - as above

        return JupyterScheduler(
            self.serverapp.web_app.settings,
            root_dir=self.serverapp.root_dir,
            loop=self.serverapp.io_loop.asyncio_loop,
            runs_as=self.owner,
        )

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Tell kernels, terminals and jobs where we are; the port is final by now."""
        if not self.loaded:
            return
        if self.elsewhere is not None:
            self.log.warning(
                "Connections: %s. %s.", self.elsewhere.message, self.elsewhere.hint
            )
            here = address_of(serverapp)
            if self.elsewhere.keeps_schedules and here is not None:
                self.endpoint = os.environ[OWN_SERVER_VARIABLE] = here
            return
        endpoint = address_of(serverapp)
        if endpoint is None:
            self.log.warning(
                "Connections: this server listens on a Unix socket. Its kernels use "
                "the local store, and nobody can authorize in a browser."
            )
            return
        runtime = jupyter_runtime_dir()
        self.door = kernel_door(self, socket_path(runtime, endpoint))
        try:
            write_handle(
                runtime,
                endpoint=endpoint,
                bearer=self.bearer,
                socket=self.door.path if self.door else None,
            )
        except OSError as error:
            self.log.warning(
                "Connections: the handle file cannot be written (%s). The kernels of "
                "this server use the local store.",
                error.strerror,
            )
            await self._shut_door()
            return
        self.endpoint = os.environ[ENDPOINT_VARIABLE] = endpoint

    async def stop_extension(self) -> None:
        """Take back the address and the bearer, then let running calls end."""
        if self.endpoint is not None:
            remove_handle(jupyter_runtime_dir(), endpoint=self.endpoint)
            for variable in (ENDPOINT_VARIABLE, OWN_SERVER_VARIABLE):
                if os.environ.get(variable) == self.endpoint:
                    del os.environ[variable]
            self.endpoint = None
        try:
            if self.loaded:
                await self.alerting.close()
                await self.core.close()
        finally:  # last: who is being answered still gets the answer
            await self._shut_door()

    async def _shut_door(self) -> None:
        if self.door is not None:
            await self.door.close()
            self.door = None
