"""A broker in memory that keeps the port's promises, for forms to talk to."""

import dataclasses
import itertools
import threading
from datetime import UTC, datetime, timedelta

from conn_core import (
    AccessToken,
    Authorization,
    BrokerStatus,
    Connection,
    Event,
    Page,
    Secret,
    TestResult,
    closest,
    link_name_from,
)
from conn_core.errors import (
    AuthorizationNotFound,
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
    InternalConnection,
    InvalidInput,
    NameTaken,
    RegistrationRequired,
    ServiceNotFound,
    VersionConflict,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
START = "http://127.0.0.1:8888/connections/start/"
CALLBACK = "http://127.0.0.1:8888/connections/callback/"


class FakeBroker:
    """Acts as ``priya``. ``answer(flow, …)`` is what the provider and browser do."""

    def __init__(self, *, services=(), connections=(), clock=lambda: NOW):
        self.clock = clock
        self._services = {service.id: service for service in services}
        self._connections = {c.link_name: c for c in connections}
        self._flows = {}
        self._events = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self.registrations = {}
        self.unreachable = None

    def _reach(self):
        if self.unreachable is not None:
            raise self.unreachable

    def status(self):
        self._reach()
        return BrokerStatus(
            kind="local", user="priya", location="memory", key_source="none"
        )

    # --- services ---------------------------------------------------------------------

    def categories(self):
        return tuple(sorted({s.category for s in self.services(limit=10_000).items} - {""}))

    def services(
        self, query="", *, predefined=None, category=None, cursor=None, limit=24
    ):
        self._reach()
        wanted = query.casefold()
        found = [
            self.service(service.id)
            for service in self._services.values()
            if predefined in (None, service.predefined)
            and category in (None, service.category)
            and wanted in f"{service.name} {service.description}".casefold()
        ]
        return _page(found, cursor, limit)

    def service(self, service_id):
        self._reach()
        if service_id not in self._services:
            raise ServiceNotFound(f"There is no service called '{service_id}'")
        return self._services[service_id].model_copy(
            update={
                "redirect_uri": CALLBACK + service_id,
                "registered": service_id in self.registrations
                or self._services[service_id].registered,
            }
        )

    def register_client(self, service_id, registration):
        self.service(service_id)
        self.registrations[service_id] = registration
        return self.service(service_id)

    # --- connections ------------------------------------------------------------------

    def connections(
        self,
        query="",
        *,
        group=None,
        service=None,
        status=None,
        cursor=None,
        limit=100,
    ):
        self._reach()
        wanted = query.casefold()
        found = [
            c
            for c in sorted(self._connections.values(), key=lambda c: c.name.casefold())
            if group in (None, c.group)
            and service in (None, c.service)
            and status in (None, c.status)
            and wanted in f"{c.name}\n{c.link_name}\n{c.service_name}".casefold()
        ]
        return _page(found, cursor, limit)

    def connection(self, name):
        self._reach()
        for connection in self._connections.values():
            if name in (connection.link_name, connection.name):
                return connection
        like = closest(name, self._connections)
        guess = f". Did you mean '{like}'?" if like else ""
        raise ConnectionNotFound(
            f"There is no connection called '{name}'{guess}", "See %conn list"
        )

    def create(self, draft):
        service = self.service(draft.service)
        name = draft.name or service.name
        link_name = draft.link_name or link_name_from(name)
        if not link_name:
            raise InvalidInput("Nothing was stored", fields={"name": "needs letters"})
        self._refuse_taken(name, link_name)
        scopes = service.default_scopes if draft.scopes is None else draft.scopes
        connection = Connection(
            link_name=link_name,
            name=name,
            service=service.id,
            service_name=service.name,
            scopes=scopes,
            use_login_user_credentials=draft.use_login_user_credentials,
            parameters=dict(draft.parameters),
            owner="priya",
            created_at=self.clock(),
        )
        return self._put(connection, "create")

    def edit(self, name, change, *, version=None):
        connection = self._changeable(name)
        if version is not None and version != connection.version:
            raise VersionConflict(
                f"'{connection.link_name}' was changed by somebody else in the meantime",
                "Look at it again, then change it",
            )
        changes = {}
        if change.name is not None and change.name != connection.name:
            self._refuse_taken(change.name, None)
            changes["name"] = change.name
        if change.scopes is not None:
            changes["scopes"] = change.scopes
            if not set(change.scopes) <= {*connection.scopes}:
                changes["status"] = "needs authorization"
        return self._change(connection, "edit", **changes)

    def revoke(self, name):
        connection = self.connection(name)
        reason = "Revoked by priya on 2026-11-25."
        return self._change(
            connection, "revoke", status="revoked", status_reason=reason
        )

    def enable(self, name):
        connection = self.connection(name)
        status = "connected" if connection.account else "needs authorization"
        return self._change(connection, "enable", status=status, status_reason="")

    def delete(self, name):
        connection = self._changeable(name)
        del self._connections[connection.link_name]

    def events(self, name, *, limit=20):
        connection = self.connection(name)
        return tuple(reversed(self._events.get(connection.link_name, [])))[:limit]

    # --- authorizing ------------------------------------------------------------------

    def authorize(self, name):
        connection = self.connection(name)
        if not self.service(connection.service).registered:
            raise RegistrationRequired(
                f"There is no client registration with {connection.service_name} yet",
                f"Run %conn new {connection.service} and enter the client id",
            )
        flow = f"flow{next(self._numbers)}"
        self._flows[flow] = Authorization(
            flow=flow,
            state="pending",
            link_name=connection.link_name,
            service=connection.service,
            service_name=connection.service_name,
            start_url=START + flow,
            expires_at=self.clock() + timedelta(minutes=5),
        )
        return self._flows[flow]

    def authorization(self, flow):
        self._reach()
        if flow not in self._flows:
            raise AuthorizationNotFound(
                "There is no such authorization in progress",
                "Start with %conn authorize",
            )
        return self._flows[flow]

    def cancel(self, flow):
        self.authorization(flow)
        self.answer(flow, "failed", error="It was cancelled.")

    def answer(self, flow, state, *, account=None, error=None, scopes=None):
        """End an authorization as the provider would."""
        found = self._flows[flow]
        connection = self._connections[found.link_name]
        granted = connection.scopes if scopes is None else scopes
        if state == "done":
            self._change(
                connection,
                "authorize",
                status="connected",
                account=account,
                granted_scopes=granted,
            )
        self._flows[flow] = dataclasses.replace(
            found,
            state=state,
            start_url=None,
            account=account,
            error=error,
            granted_scopes=granted if state == "done" else (),
        )

    # --- using ------------------------------------------------------------------------

    def access_token(self, name, *, require=(), rejected=None):
        connection = self._usable(name)
        return AccessToken(
            access_token=Secret("CNRY-never-in-a-widget"),
            link_name=connection.link_name,
        )

    def refresh(self, name):
        return self._usable(name)

    def test(self, name, *, timeout=10):
        connection = self._usable(name)
        return TestResult(
            link_name=connection.link_name,
            ok=True,
            message=f"{connection.service_name} answered as {connection.account} in 42 ms",
            http_status=200,
            latency_ms=42,
            account=connection.account,
        )

    # --- inside -----------------------------------------------------------------------

    def note(self, name, actor, action, *, ago=timedelta()):
        """Add a line of history by somebody."""
        event = Event(at=self.clock() - ago, actor=actor, action=action)
        self._events.setdefault(name, []).append(event)

    def _usable(self, name):
        connection = self.connection(name)
        if connection.status == "revoked":
            raise ConnectionRevoked(
                f"Connection '{connection.link_name}' was revoked by priya on 2026-11-25",
                f"Run %conn enable {connection.link_name}",
            )
        if connection.status != "connected":
            raise AuthorizationRequired(
                f"Connection '{connection.link_name}' has not been authorized yet",
                f"Run %conn authorize {connection.link_name}",
            )
        return connection

    def _changeable(self, name):
        connection = self.connection(name)
        if connection.group == "internal":
            raise InternalConnection(
                f"'{connection.link_name}' was made by a built-in task and cannot be "
                "edited or deleted",
                f"You can revoke it: %conn revoke {connection.link_name}",
            )
        return connection

    def _refuse_taken(self, name, link_name):
        for other in self._connections.values():
            if other.name.casefold() == name.casefold() or other.link_name == link_name:
                text = f"You already have a connection called '{other.name}'"
                hint = f"Choose another name, for example '{name} 2'"
                raise NameTaken(text, hint, fields={"name": f"{text}. {hint}."})

    def _put(self, connection, action):
        with self._lock:
            self._connections[connection.link_name] = connection
            self.note(connection.link_name, "priya", action)
        return connection

    def _change(self, connection, action, **changes):
        changed = dataclasses.replace(
            connection, version=connection.version + 1, **changes
        )
        return self._put(changed, action)


def _page(found, cursor, limit):
    start = int(cursor or 0)
    end = start + limit
    return Page(
        items=tuple(found[start:end]),
        next_cursor=str(end) if end < len(found) else None,
        total=len(found),
    )
