"""The practice service as an object: start it, look into it, make it misbehave."""

import asyncio
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from tornado.httpserver import HTTPServer

from conn_core import Secret

from ._app import application
from ._books import open_books
from ._catalogue import SERVICE_ID, service_toml
from ._client import PracticeClient
from ._client_book import Clients
from ._counters import Counters
from ._grants import Grants
from ._people import PEOPLE
from ._sessions import Sessions
from ._world import World

T = TypeVar("T")

#: Bytes; nothing that is sent here is long.
_LONGEST_BODY: Final = 64 * 1024
_MOST_ISSUED: Final = 10_000
_PATIENCE_SECONDS: Final = 10
#: Where Jupyter's extension takes answers; loopback hosts match on any port.
REDIRECT_URIS: Final = tuple(
    f"http://{host}/connections/callback/{SERVICE_ID}"
    for host in ("127.0.0.1", "localhost", "[::1]")
)


class PracticeService:
    """An OAuth 2.0 authorization server and an API on this machine.

    It listens to 127.0.0.1 only and lives in memory: when it stops, nothing is left.
    Tests use it as a real peer, in a thread of its own::

        with PracticeService(access_token_seconds=5) as practice:
            ...
            assert 1 == practice.counters.refreshes

    Args:
        port: Where to listen; 0 takes a free port.
        access_token_seconds: How long an access token works.
        refresh_tokens: Give out refresh tokens. Every consent gets one, whatever was
            asked; False makes a service whose authorizations end with the token.
        client_id: The registered client; made up when absent.
        client_secret: Its secret; made up when absent.
        redirect_uris: Where answers may go. Loopback hosts match on any port
            (RFC 8252 7.3), all else exactly.
        clock: Seconds since 1970.
        new_token: Makes codes, tokens and session keys.
    """

    service_id: Final = SERVICE_ID

    def __init__(
        self,
        *,
        port: int = 0,
        access_token_seconds: int = 3600,
        refresh_tokens: bool = True,
        client_id: str | None = None,
        client_secret: str | None = None,
        redirect_uris: Sequence[str] = REDIRECT_URIS,
        clock: Callable[[], float] = time.time,
        new_token: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        if access_token_seconds < 1:
            msg = "An access token works for at least one second"
            raise ValueError(msg)
        client = PracticeClient(
            client_id=client_id or f"practice-{secrets.token_hex(4)}",
            client_secret=Secret(client_secret or secrets.token_urlsafe(32)),
            name="Jupyter Connections",
            redirect_uris=tuple(redirect_uris),
        )
        self._port = port
        self._world = _new_world(
            client,
            access_token_seconds=access_token_seconds,
            refresh_tokens=refresh_tokens,
            clock=clock,
            new_token=new_token,
        )
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def __repr__(self) -> str:
        return f"<PracticeService {self.issuer or 'not started'}>"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # --- life -------------------------------------------------------------------------

    def start(self) -> Self:
        """Listen, and serve in a thread.

        Raises:
            OSError: If somebody else has the port.
        """
        if self._thread is not None:
            return self
        listening = socket.create_server(("127.0.0.1", self._port))
        listening.setblocking(False)
        self._port = listening.getsockname()[1]
        self._world.issuer = f"http://127.0.0.1:{self._port}"
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening, ready)),
            name="practice-service",
            daemon=True,
        )
        self._thread.start()
        if not ready.wait(_PATIENCE_SECONDS):
            msg = "The practice service did not start"
            raise RuntimeError(msg)
        return self

    def stop(self) -> None:
        """Stop listening. Started again, it is at the same address and remembers all."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(_PATIENCE_SECONDS)
        self._thread = self._loop = self._stopping = None

    async def _serve(self, listening: socket.socket, ready: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = HTTPServer(
            application(self._world),
            max_body_size=_LONGEST_BODY,
            max_buffer_size=2 * _LONGEST_BODY,
            idle_connection_timeout=60,
        )
        server.add_socket(listening)
        ready.set()
        await self._stopping.wait()
        server.stop()
        await server.close_all_connections()

    # --- what a client needs ----------------------------------------------------------

    @property
    def issuer(self) -> str:
        """The service's address, without a slash at the end; empty before the start."""
        return self._world.issuer

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def api_base_url(self) -> str:
        """What the API's addresses begin with."""
        return f"{self.issuer}/api"

    @property
    def client_id(self) -> str:
        """The registered client."""
        return self._world.clients.first.client_id

    @property
    def client_secret(self) -> str:
        """The client's secret in clear, for whoever registers it."""
        return self._world.clients.first.client_secret.reveal()

    @property
    def log_in_hint(self) -> str:
        """Who can log in, as the log-in page says it."""
        return ", or ".join(
            f"{p.login}, password {p.password}" for p in PEOPLE.values()
        )

    def service_toml(self, **changes: Any) -> str:
        """Return this service as a catalogue file; ``changes`` replace members."""
        return service_toml(self.issuer, **changes)

    # --- what a test looks at and plays with ------------------------------------------

    @property
    def counters(self) -> Counters:
        """How often it did what, as of now."""
        return self._in_its_thread(lambda: replace(self._world.counters))

    def issued(self) -> list[str]:
        """Return every code and token given out, for tests that look for leaks."""
        return self._in_its_thread(lambda: list(self._world.issued))

    def expire_all_access_tokens(self) -> None:
        """Let the API answer 401 to every token that it has accepted so far."""
        self._in_its_thread(self._world.grants.expire_all_access_tokens)

    def end_all_grants(self) -> None:
        """End every authorization, as if people had taken the access away."""
        self._in_its_thread(self._world.grants.end_all)

    @contextmanager
    def outage(self, path: str = "/") -> Iterator[None]:
        """Answer 503 to everything below a path, such as ``/api`` or ``/oauth/token``."""
        self._in_its_thread(lambda: self._world.outages.append(path))
        try:
            yield
        finally:
            self._in_its_thread(lambda: self._world.outages.remove(path))

    def _in_its_thread(self, job: Callable[[], T]) -> T:
        """Do a job between two requests; what the handlers share has no locks."""
        loop = self._loop
        if loop is None:
            return job()

        async def do() -> T:
            return job()

        return asyncio.run_coroutine_threadsafe(do(), loop).result(_PATIENCE_SECONDS)


def _new_world(
    client: PracticeClient,
    *,
    access_token_seconds: int,
    refresh_tokens: bool,
    clock: Callable[[], float],
    new_token: Callable[[], str],
) -> World:
    counters = Counters()
    issued: deque[str] = deque(maxlen=_MOST_ISSUED)
    grants = Grants(
        access_token_seconds=access_token_seconds,
        refresh_tokens=refresh_tokens,
        clock=clock,
        new_token=new_token,
        watch=issued.append,
        counters=counters,
    )
    return World(
        issuer="",
        clients=Clients(client),
        grants=grants,
        sessions=Sessions(new_token=new_token),
        books=open_books(),
        counters=counters,
        clock=clock,
        issued=issued,
    )
