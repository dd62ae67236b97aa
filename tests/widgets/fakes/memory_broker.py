"""A broker in memory that keeps the port's promises, for forms to talk to."""

import dataclasses
import itertools
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from conn_core import (
    AccessToken,
    Authorization,
    BrokerStatus,
    Connection,
    Event,
    Page,
    Secret,
    TestResult,
    auth,
    closest,
    link_name_from,
)
from conn_core.errors import (
    AuthorizationFailed,
    AuthorizationNotFound,
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
    InteractionRequired,
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
CODE = "WDJB-MJHT"


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
        #: What a test arranges.
        self.can_come_back = True
        self.account = None
        self.code_is_typed_at = "https://example.com/device"
        self.no_code = None
        self.client_is_answered = ("done",)
        self.api_answers = 200
        #: What arrived, for a test to look at.
        self.typed = {}
        self.pasted = []
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
        return tuple(
            sorted({s.category for s in self.services(limit=10_000).items} - {""})
        )

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
        self._put(connection, "create")
        if draft.secret:
            typed = {n: each.get_secret_value() for n, each in draft.secret.items()}
            try:
                self.authorize(link_name, secret=typed)
            except InvalidInput:
                del self._connections[link_name]
                raise
        return self._connections[link_name]

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

    def authorize(self, name, *, flow="auto", secret=None):
        connection = self.connection(name)
        service = self.service(connection.service)
        if service.auth_type in {"oauth1", "oauth2"} and not service.registered:
            raise RegistrationRequired(
                f"There is no client registration with {connection.service_name} yet",
                f"Run %conn new {connection.service} and enter the client id",
            )
        choice = self._chosen(connection, service, flow)
        number = f"flow{next(self._numbers)}"
        self._flows[number] = Authorization(
            flow=number,
            state="pending",
            link_name=connection.link_name,
            service=connection.service,
            service_name=connection.service_name,
            way=choice.flow,
            why=f"{choice.reason}.",
            expires_at=self.clock() + timedelta(minutes=5),
            **self._shown(number, choice.flow),
        )
        if choice.flow == "none":
            self._obtain(number, service, secret or {})
        return self._flows[number]

    def _chosen(self, connection, service, flow):
        usual = auth.choose_flow(
            service, can_come_back=self.can_come_back, browser_is_elsewhere=False
        )
        if usual.flow == "none":
            return usual
        stuck = usual.flow == "paste" if flow == "auto" else flow == "browser"
        if stuck and not self.can_come_back:
            raise InteractionRequired(
                f"Authorizing '{connection.link_name}' needs a browser, and no Jupyter "
                "server with this extension is reachable from here",
                f"Run %conn authorize {connection.link_name} --flow paste",
            )
        if flow == "device" and self.no_code is not None:
            raise self.no_code
        return usual if flow == "auto" else auth.Choice(flow, "You asked for it")

    def _shown(self, number, way):
        match way:
            case "browser":
                return {"start_url": START + number}
            case "device":
                return {"user_code": CODE, "verification_uri": self.code_is_typed_at}
            case "paste":
                return {"start_url": f"https://example.com/authorize?state=of-{number}"}
        return {}

    def _obtain(self, number, service, secret):
        """What the real one does where nobody consents; the types are the real ones."""
        if service.auth_type == "oauth2":
            self.answer(number, *self.client_is_answered)
            return
        typed = {field: Secret(text) for field, text in secret.items()}
        attempt = auth.Attempt(scopes=(), now=0.0, typed=typed)
        steps = auth.auth_type(service.auth_type).begin(service, None, attempt)
        try:
            auth.drive(steps, self._send_nothing, clock=lambda: 0.0)
        except InvalidInput as error:
            self.answer(number, "failed", error=str(error))
            raise
        self.typed[self._flows[number].link_name] = typed
        self.answer(number, "done", account=self.account)

    @staticmethod
    def _send_nothing(request):
        raise AssertionError(request)

    def paste(self, flow, address):
        found = self.authorization(flow)
        answer = dict(parse_qsl(urlsplit(address).query))
        if answer.get("state") != f"of-{flow}":
            raise InvalidInput(
                "This address belongs to another authorization, or none",
                "Paste the address that the browser was sent to",
                fields={"address": "belongs to another authorization, or none"},
            )
        if found.state != "pending":
            raise AuthorizationFailed(
                "This answer was used already, and works only once",
                f"Start again with %conn authorize {found.link_name}",
            )
        self.pasted.append(Secret(address))
        if "error" in answer:
            self.answer(flow, "denied", error=f"{found.service_name} refused.")
        else:
            self.answer(flow, "done", account="priya-n")
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
        if self.authorization(flow).state == "pending":
            self.answer(flow, "denied", error="You cancelled it.")

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

    def sign(self, name, *, method, url, headers, body):
        """Refuse as a real one does: what these services lend is the credential."""
        link_name = self._usable(name).link_name
        raise InvalidInput(
            f"'{link_name}' does not sign its requests: they carry its credential",
            "Ask for the access token",
        )

    def refresh(self, name):
        return self._usable(name)

    def test(self, name, *, timeout=10):
        connection = self._usable(name)
        name, status = connection.service_name, self.api_answers
        who = f"answered as {connection.account} in 42 ms"
        return TestResult(
            link_name=connection.link_name,
            ok=status == 200,
            message=f"{name} {who if status == 200 else f'answered {status}'}",
            http_status=status,
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
