"""An honest broker in memory. Kernels in tests load this file too.

It keeps the promises of the port: the same errors, the same words.
"""

import dataclasses
from datetime import UTC, datetime

from coffee_house import coffee
from kept_audit import KeptAudit
from kept_flows import KeptFlows
from kept_grants import KeptGrants
from kept_pages import page
from kept_schedules import KeptSchedules
from kept_services import KeptServices
from kept_uses import KeptUses

from conn_core import (
    AccessToken,
    BrokerStatus,
    Connection,
    Event,
    Secret,
    ServiceProposal,
    Use,
    auth,
    closest,
    link_name_from,
)
from conn_core.errors import (
    AcceptanceRequired,
    AuthorizationEnded,
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
    InternalConnection,
    InvalidInput,
    LoginUserRequired,
    NameTaken,
    NotAllowed,
    ScopeMissing,
    VersionConflict,
)
from conn_core.http import check_address

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
#: What a service's own server says of itself.
_LEARNED = {
    "authorization_endpoint": "https://auth.acme.example/authorize",
    "token_endpoint": "https://auth.acme.example/token",
}


class FakeBroker(
    KeptFlows, KeptServices, KeptUses, KeptSchedules, KeptGrants, KeptAudit
):
    """Keeps services, connections and flows in dictionaries, as one person."""

    provider = "https://auth.coffee.example"

    def __init__(self, *, token: str, services=(), user: str = "priya") -> None:
        KeptFlows.__init__(self)
        KeptServices.__init__(self, services or (coffee(),))
        self.user, self._token = user, token
        self.account = "priya-n"
        self.found: dict[str, Connection] = {}
        self.history: dict[str, list[Event]] = {}
        self.places: dict[str, list[Use]] = {}
        self.asked: list[str] = []
        #: What a test arranges.
        self.ends_after = 2
        #: What arrived, for a test to look at.
        self.cancelled: list[str] = []

    @staticmethod
    def clock():
        return NOW

    # --- looking ----------------------------------------------------------------------

    def status(self):
        return BrokerStatus(
            kind="local",
            user=self.user,
            location="/home/priya/.local/share/jupyter/connections/connections.db",
            key_source="the system keyring",
            redirect_base="http://127.0.0.1:8888/connections/",
            version="0.1.0",
        )

    def connections(
        self, query="", *, group=None, service=None, status=None, cursor=None, limit=100
    ):
        self.asked.append("connections")
        found = [
            c
            for c in self.found.values()
            if query.lower() in f"{c.name} {c.link_name}".lower()
            and group in (None, c.group)
            and service in (None, c.service)
            and status in (None, c.status)
        ]
        return page(found, cursor, limit)

    def connection(self, name):
        self.asked.append("connection")
        if name in self.found:
            return self.found[name]
        for each in self.found.values():
            if name in (each.link_name, each.name, f"{each.owner}/{each.link_name}"):
                return each
        guess = closest(name, self.found)
        mean = f"Did you mean '{guess}'? " if guess else ""
        raise ConnectionNotFound(
            f"There is no connection called '{name}'", f"{mean}See %conn list"
        )

    def events(self, name, *, limit=20):
        return tuple(self.history.get(self.connection(name).link_name, [])[:limit])

    # --- changing ---------------------------------------------------------------------

    def has(self, link_name, *, key=None, **facts):
        """Arrange that a connection exists; ``key`` finds it among others of the name."""
        service = self._services[facts.pop("service", "coffee")]
        facts = {
            "name": link_name.replace("-", " ").capitalize(),
            "service": service.id,
            "service_name": service.name,
            "scopes": ("beans.read",),
            "granted_scopes": ("beans.read",),
            "owner": self.user,
            "status": "connected",
            "account": "priya-n",
            "created_at": NOW,
        } | facts
        made = Connection(link_name=link_name, **facts)
        self.found[key or link_name] = made
        return made

    def _change(self, which, /, **facts):
        before = self.connection(which)
        after = dataclasses.replace(before, version=before.version + 1, **facts)
        key = next(key for key, each in self.found.items() if each is before)
        self.found[key] = after
        return after

    def create(self, draft):
        service = self.service(draft.service)
        name = draft.name or service.name
        link_name = draft.link_name or link_name_from(name)
        if link_name in self.found:
            raise NameTaken(f"There is a connection called '{name}' already")
        self.has(
            link_name,
            name=name,
            service=service.id,
            scopes=draft.scopes if draft.scopes is not None else service.default_scopes,
            granted_scopes=(),
            parameters=dict(draft.parameters),
            use_login_user_credentials=draft.use_login_user_credentials,
            shared_with=draft.shared_with,
            exposure=draft.exposure or ("sealed" if draft.given_rules else "direct"),
            rules=draft.given_rules,
            status="needs authorization",
            account=None,
        )
        if draft.secret:
            typed = {n: each.get_secret_value() for n, each in draft.secret.items()}
            try:
                self.authorize(link_name, secret=typed)
            except InvalidInput:
                del self.found[link_name]
                raise
        return self.found[link_name]

    def edit(self, name, change, *, version=None):
        before = self.connection(name)
        self._not_internal(name)
        if version not in (None, before.version):
            raise VersionConflict(f"'{name}' was changed by somebody else")
        facts = {} if change.name is None else {"name": change.name}
        if change.scopes is not None:
            facts["scopes"] = change.scopes
            if set(change.scopes) - set(before.granted_scopes):
                facts["status"] = "needs authorization"
        return self._change(name, **facts)

    def internal_connection(self, service_id, *, scopes=(), parameters=None):
        link_name = f"{service_id}-tasks"
        if link_name not in self.found:
            self.has(
                link_name,
                service=service_id,
                group="internal",
                scopes=tuple(scopes),
                parameters=dict(parameters or {}),
            )
        return self.found[link_name]

    def _not_internal(self, name):
        found = self.connection(name)
        if found.group == "internal":
            raise InternalConnection(
                f"'{found.link_name}' was made by a built-in task and cannot be edited "
                "or deleted",
                f"You can revoke it: %conn revoke {found.link_name}",
            )

    def revoke(self, name, *, at_provider=False):
        ended = f"{self.connection(name).service_name} ended the authorization."
        revoked = self._change(
            name,
            status="revoked",
            status_reason=f"Revoked by {self.user} on 2026-11-20.",
            **({"granted_scopes": ()} if at_provider else {}),
        )
        return dataclasses.replace(revoked, notice=ended if at_provider else "")

    def enable(self, name):
        authorized = bool(self.connection(name).granted_scopes)
        status = "connected" if authorized else "needs authorization"
        return self._change(name, status=status, status_reason="")

    def seal(self, name, *, sealed=True):
        found = self.connection(name)
        if not sealed and found.owner != self.user:
            raise NotAllowed(
                f"'{found.link_name}' belongs to {found.owner}, and only {found.owner} "
                "can unseal it",
                f"Ask {found.owner}",
            )
        return self._change(name, exposure="sealed" if sealed else "direct")

    def accept(self, name):
        try:
            self._usable(name)
        except AcceptanceRequired:
            self._change(name, accepted=True)
        return self.connection(name)

    def share(self, name, shared_with):
        self._not_internal(name)
        shared = self._change(name, shared_with=tuple(shared_with))
        said = "Everybody here may send requests in the name of priya."
        return dataclasses.replace(shared, notice=said if "*" in shared_with else "")

    def transfer(self, name, to):
        self._not_internal(name)
        before = self.connection(name)
        handed_on = self._change(
            name, owner=to, group="organisation", status="needs authorization"
        )
        ended = f"{before.service_name} ended the authorization."
        return dataclasses.replace(handed_on, notice=ended)

    def delete(self, name, *, keep_grant=False):
        self._not_internal(name)
        gone = self.connection(name)
        self.found = {key: c for key, c in self.found.items() if c is not gone}
        ended = f"{gone.service_name} ended the authorization."
        return dataclasses.replace(gone, notice="" if keep_grant else ended)

    def uses(self, name, *, limit=20):
        return tuple(self.places.get(self.connection(name).link_name, [])[:limit])

    # --- authorizing ------------------------------------------------------------------

    def propose_service(self, *, issuer=None, openapi=None, toml=None):
        """Learn the same about every service of acme's."""
        if toml is not None or (issuer is not None and "acme" not in issuer):
            return super().propose_service(issuer=issuer, toml=toml)
        notes = ("The API base URL is not known.",) if issuer else ()
        return ServiceProposal(service=dict(_LEARNED), notes=notes)

    def _ended(self, connection):
        self._change(connection.link_name, status="needs authorization")

    def _authorized(self, link_name, *, account, scopes):
        granted = self.connection(link_name).scopes if scopes is None else scopes
        self._change(
            link_name, status="connected", account=account, granted_scopes=granted
        )
        return granted

    def authorization(self, flow):
        """The person in the browser needs ``ends_after`` questions."""
        self._flow(flow)
        self.ends_after -= 1
        if self.ends_after <= 0:
            self.answer(flow, "done", account=self.account)
        return self.flows[flow]

    def cancel(self, flow):
        self.cancelled.append(flow)
        self.flows.pop(flow, None)

    # --- using ------------------------------------------------------------------------

    def access_token(self, name, *, require=(), rejected=None):
        self.asked.append("access_token")
        connection = self._usable(name)
        for scope in require:
            if scope not in connection.granted_scopes:
                raise ScopeMissing(
                    f"'{connection.link_name}' lacks the scope '{scope}' "
                    f"(it has: {', '.join(connection.granted_scopes)})",
                    f"Run %conn edit {connection.link_name} --add-scope {scope}",
                )
        service = self._services[connection.service]
        signed = service.auth_type == "oauth1"
        return AccessToken(
            access_token=Secret("" if signed else self._token),
            signed_by="oauth1" if signed else "",
            link_name=connection.link_name,
            service_name=service.name,
            scopes=connection.granted_scopes,
            api_base_url=service.api_base_url,
            api_hosts=service.api_hosts,
            exposure=connection.exposure,
        )

    def sign(self, name, *, method, url, headers, body):
        """Sign as a real one does, with the token as every secret."""
        self.asked.append("sign")
        connection = self._usable(name)
        service, link_name = self._services[connection.service], connection.link_name
        if service.auth_type != "oauth1":
            raise InvalidInput(
                f"'{link_name}' does not sign its requests: they carry its credential",
                "Ask for the access token",
            )
        check_address(url, link_name=link_name, api_hosts=service.api_hosts)
        secret = Secret(self._token)
        return auth.signing_type("oauth1").sign(
            service,
            auth.Client(client_id="fake", client_secret=secret),
            auth.TokenSet(access_token=secret, further={"token_secret": secret}),
            auth.Outgoing(method=method, url=url, headers=headers, body=body),
            link_name=link_name,
        )

    def _usable(self, name):
        connection = self.connection(name)
        link_name = connection.link_name
        authorize = f"Run %conn authorize {link_name}"
        match connection.status:
            case "revoked":
                raise ConnectionRevoked(
                    f"Connection '{link_name}' was revoked by {self.user} on 2026-11-20",
                    f"Run %conn enable {link_name}, or ask {self.user}",
                )
            case "failed":
                raise AuthorizationEnded(
                    f"{connection.service_name} no longer accepts the authorization of "
                    f"'{link_name}' (invalid_grant, last good use 2026-11-14)",
                    authorize,
                )
            case "needs authorization" if connection.use_login_user_credentials:
                raise LoginUserRequired(
                    f"'{link_name}' uses each person's own credentials, and you "
                    f"({self.user}) have none yet",
                    authorize,
                )
            case "needs authorization":
                raise AuthorizationRequired(
                    f"Connection '{link_name}' has not been authorized yet", authorize
                )
        if not connection.accepted:
            raise AcceptanceRequired(
                f"'{link_name}' is shared by {connection.owner}: what you send goes to "
                f"api.coffee.example in the name of {connection.owner}, and you have not "
                "accepted that yet",
                f"Run %conn accept {link_name}",
            )
        return connection
