"""The program: starts the service, and ends it without breaking anybody's request."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from jupyter_events import EventLogger
from tornado.httpserver import HTTPServer
from traitlets import Unicode
from traitlets.config import Application, Config

from . import _parts
from ._config import ConnectionsService
from ._inspection import refuse_inspection
from ._jobs import JobsElsewhere
from ._metrics import CountedProvider
from ._site import Site, application
from ._warming import warm_up

if TYPE_CHECKING:
    from conn_core.broker import Core, People

#: The largest form of ours is 6 MiB; what is carried for others raises it by itself.
_LARGEST_BODY: Final = 8 * 1024 * 1024
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class ServiceApp(Application):  # type: ignore[misc]  # untyped base
    """``jupyter connections serve``."""

    name = "jupyter-connections-serve"
    description = "Connections for a hub, or for many people behind a proxy."
    classes: Final = [ConnectionsService, EventLogger]
    log_level = logging.INFO
    config_file = Unicode(help="A file with c.ConnectionsService.* options.")

    def set_up(self, config: Config) -> None:
        """Read the file, then what the command line says on top of it."""
        if self.config_file:
            file = Path(self.config_file).resolve()
            self.load_config_file(file.name, path=str(file.parent))
        self.update_config(config)

    async def serve(self, say: Callable[[str], None]) -> None:
        """Serve until the process is told to stop.

        Args:
            say: Tells the person or the log where the service is.

        Raises:
            ConnectionsError: If something that it needs is missing.
        """
        options = ConnectionsService(parent=self)
        site, server = self._built(options)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        site.tell_events(EventLogger(parent=self), loop)
        for number in _SIGNALS:
            loop.add_signal_handler(number, stop.set)
        await site.probe()  # what is missing is said now, not to the first person
        await asyncio.to_thread(warm_up)
        gc.collect()
        gc.freeze()  # what is loaded by now stays: no collection looks through it again
        address, port = _parts.listens_at(options, os.environ)
        server.listen(port, address)
        site.traffic.state = "serving"
        site.alerting.begin()
        bound = next(iter(server._sockets.values())).getsockname()[1]  # noqa: SLF001 - port 0
        say(f"Connections serves {site.public_url} at {address}:{bound}")
        await stop.wait()
        await self._drain(site, server)

    def _built(self, options: ConnectionsService) -> tuple[Site, HTTPServer]:
        address = _parts.public_url(options, os.environ)
        settings = _parts.settings_for(options, os.environ, address=address)
        database = _parts.database_url(options, os.environ)
        if database is not None:
            _parts.refuse_a_key_of_ones_own(settings)
        who = _parts.identification(options, settings, os.environ)

        def opened() -> "Core":
            return _open(site, settings, database, who.people)

        site = Site(
            options,
            identity=who.provider,
            public_url=address,
            opener=opened,
            log=self.log,
        )
        server = HTTPServer(
            application(site, secret=who.secret),
            # Neither peer nor protocol is ever what a header says.
            xheaders=False,
            protocol=urlsplit(address).scheme,
            max_body_size=_LARGEST_BODY,
        )
        return site, server

    async def _drain(self, site: Site, server: HTTPServer) -> None:
        site.traffic.state = "draining"
        self.log.info("Connections: draining, %d requests run", site.traffic.running)
        await asyncio.sleep(site.options.notice_seconds)
        server.stop()
        if not await site.traffic.quiet(within=site.options.drain_seconds):
            self.log.warning("Connections: %d requests are cut", site.traffic.running)
        await site.alerting.close()
        with contextlib.suppress(TimeoutError):
            await site.core.close()
        await server.close_all_connections()


def _open(site: Site, settings: Any, database: Any, people: "People | None") -> "Core":
    from conn_core.broker import open_core, way_out  # noqa: PLC0415 - costs a second

    provider = CountedProvider(way_out(settings), site.metrics)
    store = _parts.open_store(database)
    core = open_core(settings, provider=provider, store=store, people=people)
    core.scheduler = cast("Any", JobsElsewhere())
    core.auditing.told = site.event_emitter
    return core


def serve(
    *,
    config_file: str,
    options: dict[str, Any],
    say: Callable[[str], None],
) -> None:
    """Run the service in this process.

    Args:
        config_file: A file with options; empty for none.
        options: What the command line says, by the options' names.
        say: Tells where the service is.

    Raises:
        ConnectionsError: If something that it needs is missing.
        TraitError: If an option cannot be.
    """
    app = ServiceApp.instance(config_file=config_file)
    if not refuse_inspection():  # before anything secret is read
        app.log.warning("Connections: other processes of this account can look into it")
    given = {name: value for name, value in options.items() if value is not None}
    app.set_up(Config({"ConnectionsService": given}))
    asyncio.run(app.serve(say))
