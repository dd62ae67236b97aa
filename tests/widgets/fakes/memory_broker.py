"""A broker in memory that keeps the port's promises, for forms to talk to."""

import dataclasses
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conn_core import (
    AccessToken,
    BrokerStatus,
    Connection,
    Event,
    Secret,
    ShareDraft,
    Use,
    closest,
    link_name_from,
    read_draft,
)
from conn_core.errors import (
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
    InternalConnection,
    InvalidInput,
    NameTaken,
    VersionConflict,
)

# A kernel loads this file too, and knows nothing of pytest's paths.
sys.path.append(str(Path(__file__).parents[2] / "support"))
from kept_audit import KeptAudit
from kept_flows import KeptFlows
from kept_grants import KeptGrants
from kept_pages import page
from kept_schedules import KeptSchedules
from kept_services import KeptServices
from kept_uses import KeptUses

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class FakeBroker(
    KeptFlows, KeptServices, KeptUses, KeptSchedules, KeptGrants, KeptAudit
):
    """Acts as ``priya``. ``answer(flow, …)`` is what the provider and browser do."""

    def __init__(self, *, services=(), connections=(), clock=lambda: NOW):
        KeptFlows.__init__(self)
        KeptServices.__init__(self, services)
        self.clock = clock
        self.found = {c.link_name: c for c in connections}
        self._events = {}
        self._lock = threading.RLock()
        self._uses = {}
        #: What a test arranges.
        self.unreachable = None
        self.looks_after = False
        self.gone = set()
        #: What came of it, for a test to look at.
        self.wiped = []

    def _reach(self):
        if self.unreachable is not None:
            raise self.unreachable

    def status(self):
        self._reach()
        return BrokerStatus(
            kind="local",
            user="priya",
            is_administrator=self.looks_after,
            location="memory",
            key_source="none",
            redirect_base="http://127.0.0.1:8888/connections/",
        )

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
            for c in sorted(self.found.values(), key=lambda c: c.name.casefold())
            if group in (None, "all", c.group)
            and service in (None, c.service)
            and status in (None, c.status)
            and wanted in f"{c.name}\n{c.link_name}\n{c.service_name}".casefold()
        ]
        return page(found, cursor, limit)

    def connection(self, name):
        self._reach()
        for connection in self.found.values():
            whole = f"{connection.owner}/{connection.link_name}"
            if name in (connection.link_name, connection.name, whole):
                return connection
        like = closest(name, self.found)
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
            shared_with=draft.shared_with,
            exposure=draft.exposure or "direct",
            rules=draft.given_rules,
        )
        self._put(connection, "create")
        if draft.secret:
            typed = {n: each.get_secret_value() for n, each in draft.secret.items()}
            try:
                self.authorize(link_name, secret=typed)
            except InvalidInput:
                del self.found[link_name]
                raise
        return self.found[link_name]

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

    def internal_connection(self, service_id, *, scopes=(), parameters=None):
        service = self.service(service_id)
        link_name = f"{service_id}-tasks"
        if link_name in self.found:
            return self.found[link_name]
        return self._put(
            Connection(
                link_name=link_name,
                name=f"{service.name}: tasks",
                service=service.id,
                service_name=service.name,
                scopes=tuple(scopes),
                parameters=dict(parameters or {}),
                group="internal",
                owner="priya",
            ),
            "create",
        )

    def revoke(self, name, *, at_provider=False):
        connection = self.connection(name)
        gone = {"account": None, "granted_scopes": ()} if at_provider else {}
        said = f"{connection.service_name} ended the grant." if at_provider else ""
        return self._change(
            connection,
            "revoke",
            status="revoked",
            status_reason="Revoked by priya on 2026-11-25.",
            notice=said,
            **gone,
        )

    def enable(self, name):
        connection = self.connection(name)
        status = "connected" if connection.account else "needs authorization"
        return self._change(
            connection, "enable", status=status, status_reason="", notice=""
        )

    def seal(self, name, *, sealed=True):
        connection = self.connection(name)
        exposure = "sealed" if sealed else "direct"
        return self._change(connection, "seal", exposure=exposure)

    def accept(self, name):
        connection = self._usable(name)
        return self._change(connection, "accept", accepted=True)

    def share(self, name, shared_with):
        connection = self._changeable(name)
        draft = read_draft(ShareDraft, {"shared_with": list(shared_with)})
        everybody = "*" in draft.shared_with
        return self._change(
            connection,
            "share",
            shared_with=draft.shared_with,
            notice="Everybody here may send requests." if everybody else "",
        )

    def transfer(self, name, to):
        connection = self._changeable(name)
        if to in self.gone:
            problem = f"is nobody's name here: '{to}' has no active account"
            text = f"'{connection.link_name}' was not handed on: to {problem}"
            raise InvalidInput(text, fields={"to": problem})
        return self._change(
            connection,
            "transfer",
            owner=to,
            group="organisation",
            status="needs authorization",
            status_reason="",
            notice=f"{connection.service_name} ended the authorization.",
        )

    def delete(self, name, *, keep_grant=False):
        connection = self._changeable(name)
        del self.found[connection.link_name]
        what = "kept" if keep_grant else "ended"
        said = f"{connection.service_name} {what} the grant."
        return dataclasses.replace(connection, notice=said)

    def uses(self, name, *, limit=20):
        connection = self.connection(name)
        found = self._uses.get(connection.link_name, [])
        return tuple(sorted(found, key=lambda use: use.last_at, reverse=True))[:limit]

    def events(self, name, *, limit=20):
        connection = self.connection(name)
        return tuple(reversed(self._events.get(connection.link_name, [])))[:limit]

    # --- using ------------------------------------------------------------------------

    def access_token(self, name, *, require=(), rejected=None):
        connection = self._usable(name)
        return AccessToken(
            access_token=Secret("CNRY-never-in-a-widget"),
            link_name=connection.link_name,
            exposure=connection.exposure,
        )

    def sign(self, name, *, method, url, headers, body):
        """Refuse as a real one does: what these services lend is the credential."""
        link_name = self._usable(name).link_name
        raise InvalidInput(
            f"'{link_name}' does not sign its requests: they carry its credential",
            "Ask for the access token",
        )

    # --- inside -----------------------------------------------------------------------

    def note(self, name, actor, action, *, ago=timedelta(), detail="", result="ok"):
        """Add a line of history by somebody."""
        at = self.clock() - ago
        event = Event(at=at, actor=actor, action=action, detail=detail, result=result)
        self._events.setdefault(name, []).append(event)

    def note_use(self, name, person, place, *, ago=timedelta()):
        """Add a place from which somebody used a connection."""
        use = Use(place=place, person=person, last_at=self.clock() - ago)
        self._uses.setdefault(name, []).append(use)

    def _ended(self, connection):
        self.wiped.append(connection.link_name)

    def _authorized(self, link_name, *, account, scopes):
        connection = self.found[link_name]
        granted = connection.scopes if scopes is None else scopes
        facts = {"status": "connected", "account": account, "granted_scopes": granted}
        return self._change(connection, "authorize", **facts).granted_scopes

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
        for other in self.found.values():
            if other.name.casefold() == name.casefold() or other.link_name == link_name:
                text = f"You already have a connection called '{other.name}'"
                hint = f"Choose another name, for example '{name} 2'"
                raise NameTaken(text, hint, fields={"name": f"{text}. {hint}."})

    def _put(self, connection, action):
        with self._lock:
            self.found[connection.link_name] = connection
            self.note(connection.link_name, "priya", action)
        return connection

    def _change(self, connection, action, **changes):
        changed = dataclasses.replace(
            connection, version=connection.version + 1, **changes
        )
        return self._put(changed, action)
