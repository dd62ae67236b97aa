"""A deployment on a moving clock, with an honest provider, and people."""

import secrets
import threading
from pathlib import Path

import acme_crm
import grants_drafted
import pytest
from honest_provider import CLIENT_ID, Answer, HonestProvider, MovingClock
from townsfolk import Townsfolk

from conn_core import (
    ClientRegistration,
    ConnectionDraft,
    ServiceDraft,
    Settings,
    read_draft,
)
from conn_core.broker import open_core
from conn_core.broker._usable import refuse_unusable
from conn_core.errors import AuthorizationFailed, InvalidInput

CATALOG = Path(__file__).parent / "services.toml"


class World:
    """One deployment, with shorthands for what every story begins with."""

    def __init__(self, settings, clock, provider, client_secret):
        self.settings = settings
        self.clock = clock
        self.provider = provider
        self.client_secret = client_secret
        self._open = []

    def open(self, **changes):
        """Open the deployment once more, as another process would."""
        core = open_core(
            changes.pop("settings", self.settings),
            clock=changes.pop("clock", self.clock),
            provider=changes.pop("provider", self.provider),
            **changes,
        )
        self._open.append(core)
        return core

    def close(self):
        for core in self._open:
            core.close()

    @property
    def core(self):
        return self._open[0] if self._open else self.open()

    def broker(self, person="sam"):
        return self.core.acting_as(person)

    def register(self, service="expenses"):
        """Enter the client id and secret that the service's operator issued."""
        registration = ClientRegistration(
            client_id=CLIENT_ID, client_secret=self.client_secret
        )
        return self.broker("ada").register_client(service, registration)

    def created(self, name="Expenses", *, person="sam", service="expenses", **rest):
        """Register the client and create a connection; return its broker."""
        self.register(service)
        broker = self.broker(person)
        broker.create(ConnectionDraft(service=service, name=name, **rest))
        return broker

    def begun(self, name="Expenses", *, person="sam", core=None):
        """Begin an authorization and open its link; return flow and its beginning."""
        core = core or self.core
        flow = core.acting_as(person).authorize(name).flow
        return flow, core.start_authorization(flow, user=person)

    def finished(self, answer, started, *, service="expenses", user="sam", core=None):
        """Bring an answer of the provider to the redirect URL."""
        return (core or self.core).finish_authorization(
            service, answer, binding=started.binding.reveal(), user=user
        )

    def connected(self, name="Expenses", *, person="sam", service="expenses", **rest):
        """Create a connection and authorize it; return its broker."""
        broker = self.created(name, person=person, service=service, **rest)
        self.authorized(name, person=person, service=service)
        return broker

    def authorized(self, name="Expenses", *, person="sam", service="expenses"):
        """Authorize a connection that is there."""
        _, started = self.begun(name, person=person)
        answer = self.provider.consent(started.authorization_url)
        done = self.finished(answer, started, service=service, user=person)
        assert done.state == "done", done.error
        return done

    def use(self, broker, **rest):
        """Use the connection; return the token's generation and whether it works."""
        token = broker.access_token("expenses", **rest)
        return token.generation, self.provider.is_alive(token.access_token.reveal())

    def refuses(self, answer, started, sentence, **rest):
        """Tell that an answer is refused, with nothing sent and nothing stored."""
        before = len(self.provider.token_requests)
        credentials = self.sql("SELECT * FROM credentials")
        with pytest.raises(AuthorizationFailed) as caught:
            self.finished(answer, started, **rest)
        assert before == len(self.provider.token_requests)
        assert credentials == self.sql("SELECT * FROM credentials")
        assert "CNRY" not in str(caught.value)
        assert caught.value.hint.startswith("Start again with %conn authorize")
        return sentence in caught.value.message

    def refreshes(self):
        """Count the refresh requests that reached the provider."""
        sent = self.provider.token_requests
        return sum(fields["grant_type"] == "refresh_token" for fields in sent)

    def sql(self, statement, *values):
        """Do what somebody with the database file can do; return the rows."""
        import sqlite3

        path = self.settings.data_dir / "connections.db"
        with sqlite3.connect(path, timeout=60) as database:
            found = database.execute(statement, values).fetchall()
        database.close()
        return found


@pytest.fixture
def clock():
    return MovingClock()


@pytest.fixture
def answer():
    """Make what the way out returns."""
    return Answer


@pytest.fixture
def settings(tmp_path):
    """Settings of a server on a fresh folder, with a catalogue of our own."""
    return Settings(
        data_dir=tmp_path / "data",
        runtime_dir=tmp_path / "run",
        user="sam",
        use_keyring=False,
        public_url="http://127.0.0.1:8888/connections/",
        catalog_paths=(CATALOG,),
    )


@pytest.fixture
def provider(clock, canary):
    guard = threading.Lock()

    def token(purpose):
        with guard:
            return canary(purpose)

    return HonestProvider(
        clock,
        token,
        client_secret=canary(f"client-secret:%+{secrets.token_hex(2)}"),
        issuer="https://login.expenses.example",
    )


@pytest.fixture
def world(settings, clock, provider):
    """A deployment that is not opened yet."""
    made = World(settings, clock, provider, provider.client_secret)
    yield made
    made.close()


@pytest.fixture
def told():
    """Describe a service wrongly; return what is said beside which field.

    No secret that was typed may be said again.
    """

    def describe(body):
        described = read_draft(ServiceDraft, body).described(owner="sam")
        refuse_unusable(described, allow_loopback=False)

    def try_it(body):
        with pytest.raises(InvalidInput) as caught:
            describe(body)
        assert "CNRY" not in repr(caught.value.to_json())
        assert caught.value.message.startswith("Nothing was stored: ")
        return caught.value.fields

    return try_it


@pytest.fixture
def people():
    """What the organisation knows of people."""
    return Townsfolk()


@pytest.fixture
def town(world, people):
    """A deployment where a hub knows the people: ``root`` looks after it."""
    world.open(people=people)
    return world


@pytest.fixture
def sam(world):
    """Sam, with one connection that works."""
    return world.connected()


@pytest.fixture
def issued(sam, canary):
    """A grant of Sam's for it, direct."""
    made = sam.grant(grants_drafted.draft("expenses", exposure="direct"))
    canary.watch(made.bearer.reveal(), "bearer of a grant")
    return made


@pytest.fixture
def job(world, issued):
    """Acts as a job that shows the grant."""
    return lambda place="": world.core.acting_for_grant(
        issued.bearer.reveal(), place=place
    )


@pytest.fixture
def acme(world):
    """A described service with a registration, and a live connection to it."""
    broker = world.broker("sam")
    secret = world.client_secret
    broker.create_service(acme_crm.draft(client_id="desk-client", client_secret=secret))
    broker.create(ConnectionDraft(service="acme-crm", name="Acme"))
    world.authorized("Acme", service="acme-crm")
    return broker
