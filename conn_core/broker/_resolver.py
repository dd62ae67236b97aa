"""Finding the broker: where credentials come from here, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .._settings import Settings
from ..errors import BrokerUnavailable, StoreUnavailable
from ._environment import EnvironmentBroker
from ._grant_file import GRANT, bearer_of_grant, grant_path, read_grant_file
from ._here import place_here
from ._hub_service import SERVICE, hub_broker, service_in, shared_database_in
from ._remote import RemoteBroker
from ._variables import link_names_in, variable_of

if TYPE_CHECKING:
    from ._port import Broker

ENDPOINT: Final = "JUPYTER_CONNECTIONS_ENDPOINT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One place that was looked at.

    Attributes:
        name: Where, in words for people.
        outcome: What was there, or why nothing was.
        chosen: Whether credentials come from there.
    """

    name: str
    outcome: str
    chosen: bool


@dataclass(slots=True, kw_only=True)
class Resolved:
    """The broker to use here, and how it was found.

    Attributes:
        broker: The broker.
    """

    broker: "Broker"
    _looked: "_Looking" = field(repr=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was looked at so far, in order."""
        return tuple(self._looked.steps)

    def close(self) -> None:
        """Close what was opened on the way; a broker that was passed in stays open."""
        self._looked.close()


def resolve(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    override: "Broker | None" = None,
) -> Resolved:
    """Find the broker to use here; the first that answers is it.

    In order: a broker passed in, ``JUPYTER_CONN_<NAME>`` variables (for those names
    alone), the grant named by ``JUPYTER_CONNECTIONS_GRANT`` (nothing else where it is
    set), the server named by ``JUPYTER_CONNECTIONS_ENDPOINT``, the hub's service named
    by ``JUPYTER_CONNECTIONS_SERVICE``, the local store.

    Args:
        settings: Where things are.
        environ: The environment.
        override: Use this one, in tests.

    Raises:
        BrokerUnavailable: If there is none; names every step that was tried.
        StoreLocked: If the local store's key cannot be read.
    """
    looking = _Looking(settings, environ)
    if override is not None:
        looking.note("A broker passed in", repr(override), chosen=True)
        return Resolved(broker=override, _looked=looking)
    names = link_names_in(environ)
    if names:
        looking.note(_variables(names), "for these names alone", chosen=True)
        broker: Broker = EnvironmentBroker(
            environ, below=looking.below, user=settings.user
        )
        return Resolved(broker=broker, _looked=looking)
    return Resolved(broker=looking.below(), _looked=looking)


class _Looking:
    """Looks for a broker in one place after the other, and remembers what it saw."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self._settings = settings
        self._environ = environ
        self._broker: Broker | None = None
        self._closers: list[Callable[[], None]] = []
        self.steps: list[Step] = []

    def note(self, name: str, outcome: str, *, chosen: bool) -> None:
        """Remember what was seen."""
        self.steps.append(Step(name=name, outcome=outcome, chosen=chosen))

    def below(self) -> "Broker":
        """Return the server or the local store; looks once."""
        if self._broker is None:
            self._broker = (
                self._granted() or self._server() or self._service() or self._store()
            )
        return self._broker

    def close(self) -> None:
        """Close what was opened."""
        while self._closers:
            self._closers.pop()()

    def _granted(self) -> "Broker | None":
        """Return what a job's grant opens.

        Where that is nothing, nothing else is looked for: going on would give a job
        everything its user has, not what was granted.

        Raises:
            BrokerUnavailable: If the file cannot be used, or its server not be reached.
            GrantEnded: If the grant has ended.
        """
        named = self._environ.get(GRANT)
        if not named:
            return None
        path = grant_path(named, self._environ)
        found = read_grant_file(path)
        broker = RemoteBroker(
            found.endpoint,
            bearer=bearer_of_grant(path, found.endpoint),
            place=self._place,
        )
        self._closers.append(broker.close)
        acts_as = broker.status().user
        names = ", ".join(found.connections)
        told = f"acts as {acts_as} at {found.endpoint}, with {names} alone"
        self.note(f"The grant {path}", told, chosen=True)
        return broker

    def _server(self) -> "Broker | None":
        endpoint = self._environ.get(ENDPOINT)
        if not endpoint:
            self.note("The server", f"{ENDPOINT} is not set", chosen=False)
            return None
        broker = RemoteBroker(
            endpoint, runtime_dir=self._settings.runtime_dir, place=self._place
        )
        try:
            status = broker.status()
        except BrokerUnavailable as error:
            broker.close()
            self.note(f"The server at {endpoint}", error.message, chosen=False)
            return None
        self._closers.append(broker.close)
        self.note(f"The server at {endpoint}", f"acts as {status.user}", chosen=True)
        return broker

    def _service(self) -> "Broker | None":
        address = service_in(self._environ)
        if not address:
            return None
        place = f"The hub's service at {address}"
        try:
            broker = hub_broker(self._environ, place=self._place)
        except BrokerUnavailable as error:
            self.note(place, error.message, chosen=False)
            raise
        self._closers.append(broker.close)
        self.note(place, f"acts as {broker.status().user}", chosen=True)
        return broker

    def _store(self) -> "Broker":
        self._refuse_shared_database()
        # The database and the vault are paid for where there is no server.
        from ._core import open_core  # noqa: PLC0415 - the point of it

        place = f"The local store in {self._settings.data_dir}"
        try:
            core = open_core(self._settings)
        except StoreUnavailable as error:
            self.note(place, error.message, chosen=False)
            raise BrokerUnavailable(self._nowhere(), "Run %conn env") from error
        self._closers.append(core.close)
        self.note(place, f"acts as {self._settings.user}", chosen=True)
        return core.acting_as(self._settings.user, place=self._place)

    def _refuse_shared_database(self) -> None:
        variable = shared_database_in(self._environ)
        if variable:
            raise BrokerUnavailable(
                f"{variable} leads to everybody's database, and nobody's kernel opens "
                "that: it would have everybody's secrets in its reach",
                f"Take it out of this environment, and set {SERVICE}",
            )

    @property
    def _place(self) -> str:
        """The notebook or job, as far as this process can know."""
        return place_here(self._environ)

    def _nowhere(self) -> str:
        tried = "; ".join(
            f"{step.name}: {step.outcome}" for step in self.steps if not step.chosen
        )
        return (
            "No credentials are reachable from here: "
            f"no {variable_of('name')} variable; {tried}"
        )


def _variables(names: tuple[str, ...]) -> str:
    return ", ".join(variable_of(name) for name in names)
