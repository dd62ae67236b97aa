"""An honest broker in memory, and a small API it gives tokens for.

It keeps the promises of the port: the same errors, the same words. Kernels in tests
load this file too, by its path.
"""

import dataclasses
import json
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from conn_core import (
    AccessToken,
    Authorization,
    BrokerStatus,
    Connection,
    Event,
    Page,
    Readiness,
    Secret,
    Service,
    ServiceProposal,
    TestResult,
    Use,
    auth,
    closest,
    link_name_from,
)
from conn_core.errors import (
    AcceptanceRequired,
    AuthorizationEnded,
    AuthorizationNotFound,
    AuthorizationRequired,
    Conflict,
    ConnectionNotFound,
    ConnectionRevoked,
    ConnectionsError,
    CredentialsAtStake,
    InteractionRequired,
    InternalConnection,
    InvalidInput,
    LoginUserRequired,
    NameTaken,
    NeedsPerson,
    NotAllowed,
    ProviderUnavailable,
    RegistrationRequired,
    ScopeMissing,
    ServiceNotFound,
    VersionConflict,
)
from conn_core.http import check_address

# A kernel loads this file too, and knows nothing of pytest's paths.
sys.path.append(str(Path(__file__).parents[1] / "support"))
from kept_audit import KeptAudit
from kept_grants import KeptGrants
from kept_schedules import KeptSchedules

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def coffee(api: str = "https://api.coffee.example") -> Service:
    """A service whose API is somewhere."""
    return Service(
        id="coffee",
        name="Coffee House",
        description="Beans, orders and expense reports",
        category="Food",
        predefined=True,
        authorization_endpoint="https://auth.coffee.example/authorize",
        token_endpoint="https://auth.coffee.example/token",
        scopes=({"name": "beans.read", "read_only": True}, {"name": "beans.write"}),
        default_scopes=("beans.read",),
        api_base_url=api,
        api_hosts=(api.split("://")[1],),
        test_path="/me",
        registered=True,
    )


def other_shops() -> list[Service]:
    """Services that want something else than a page to sign in at."""
    more = {
        "herbs": {
            "name": "Herbs",
            "auth_type": "api_key",
            "credential_fields": (
                {"name": "api_key", "display_name": "API key", "help": "See your page"},
                {"name": "shop", "secret": False, "default": "main"},
            ),
        },
        "water": {
            "name": "Water",
            "grant_type": "client_credentials",
            "authorization_endpoint": None,
        },
        "juice": {
            "name": "Juice",
            "device_authorization_endpoint": "https://auth.coffee.example/code",
        },
        "milk": {
            "name": "Milk",
            "registered": False,
            "redirect_uri": "http://127.0.0.1:8888/connections/callback/milk",
        },
    }
    usual = coffee().model_dump() | {
        "scopes": (),
        "default_scopes": (),
        "category": "Drinks",
    }
    return [
        Service.model_validate(usual | {"id": id_} | changes)
        for id_, changes in more.items()
    ]


class FakeBroker(KeptSchedules, KeptGrants, KeptAudit):
    """Keeps services, connections and flows in dictionaries, as one person."""

    def __init__(self, *, token: str, services=(), user: str = "priya") -> None:
        self.user, self._token = user, token
        self._services = {s.id: s for s in services or (coffee(),)}
        self.found: dict[str, Connection] = {}
        self.flows: dict[str, Authorization] = {}
        self.history: dict[str, list[Event]] = {}
        self.places: dict[str, list[Use]] = {}
        self.asked: list[str] = []
        #: What a test arranges.
        self.ends_after = 2
        self.can_come_back = True
        self.api_answers = 200
        #: What arrived, for a test to look at.
        self.typed: dict[str, dict[str, Secret]] = {}
        self.pasted: list[Secret] = []
        self.registrations = {}
        self.cancelled: list[str] = []
        #: What a service's own server says of itself.
        self.described = {
            "authorization_endpoint": "https://auth.acme.example/authorize",
            "token_endpoint": "https://auth.acme.example/token",
        }

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

    def categories(self):
        return tuple(
            sorted({s.category for s in self.services(limit=10_000).items} - {""})
        )

    def services(
        self, query="", *, predefined=None, category=None, cursor=None, limit=24
    ):
        found = [
            s
            for s in self._services.values()
            if query.lower() in s.name.lower()
            and predefined in (None, s.predefined)
            and category in (None, s.category)
        ]
        return self._page(found, cursor, limit)

    def service(self, service_id):
        if service_id not in self._services:
            raise ServiceNotFound(
                f"There is no service '{service_id}'", "See %conn services"
            )
        found = self._services[service_id]
        registered = found.registered or service_id in self.registrations
        return found.model_copy(update={"registered": registered})

    def register_client(self, service_id, registration):
        self.service(service_id)
        self.registrations[service_id] = registration
        return self.service(service_id)

    def register_automatically(self, service_id):
        if self.service(service_id).registration_endpoint is None:
            raise InvalidInput(
                f"{self.service(service_id).name} registers nobody by itself",
                f"Run %conn service register {service_id}",
            )
        self.registrations[service_id] = "automatic"
        return self.service(service_id)

    # --- services of one's own --------------------------------------------------------

    def create_service(self, draft):
        if draft.id in self._services:
            raise NameTaken(
                f"There is a service '{draft.id}' already",
                "Choose another name",
                fields={"id": "is taken"},
            )
        self._services[draft.id] = draft.described(owner=self.user)
        self._keep_registration(draft)
        return self.service(draft.id)

    def _keep_registration(self, draft):
        if draft.client_id:
            self.registrations[draft.id] = draft

    def _own_service(self, service_id):
        self.service(service_id)
        found = self._services[service_id]
        if found.predefined or found.owner != self.user:
            raise NotAllowed(
                f"'{service_id}' is not yours, so you cannot change it",
                f"Ask {found.owner}" if found.owner else "",
            )
        return found

    def edit_service(self, service_id, draft, *, version=None, wipe_credentials=False):
        before = self._own_service(service_id)
        if version not in (None, before.version):
            raise VersionConflict(
                f"{before.name} was changed by somebody else meanwhile",
                f"See %conn service show {service_id}, then change it again",
            )
        after = draft.described(owner=self.user)
        live = [c for c in self.found.values() if c.service == service_id]
        moved = before.security_facts() != after.security_facts()
        if moved and live and not wipe_credentials:
            raise CredentialsAtStake(
                f"Credentials of 1 connection of 1 person are bound to the addresses and "
                f"hosts of {before.name}, and this would change them",
                "",
            )
        if moved:
            for each in live:
                self._change(each.link_name, status="needs authorization")
        update = {"version": before.version + 1}
        self._services[service_id] = after.model_copy(update=update)
        self._keep_registration(draft)
        return self.service(service_id)

    def delete_service(self, service_id):
        found = self._own_service(service_id)
        users = [n for n, c in self.found.items() if c.service == service_id]
        if users:
            raise Conflict(
                f"{found.name} is used by {', '.join(users)}",
                f"Run %conn delete {users[0]}",
            )
        del self._services[service_id]
        self.registrations.pop(service_id, None)

    def propose_service(self, *, issuer=None, openapi=None, toml=None):
        given = [each for each in (issuer, openapi, toml) if each is not None]
        assert len(given) == 1
        if issuer is not None and "acme" not in issuer:
            raise ProviderUnavailable("The server does not describe itself")
        if toml is not None:
            import tomllib

            return ServiceProposal(service=tomllib.loads(toml)["service"][0])
        notes = ("The API base URL is not known.",) if issuer else ()
        return ServiceProposal(service=dict(self.described), notes=notes)

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
        return self._page(found, cursor, limit)

    @staticmethod
    def _page(found, cursor, limit):
        start = int(cursor or 0)
        end = start + limit
        return Page(
            items=tuple(found[start:end]),
            next_cursor=str(end) if end < len(found) else None,
            total=len(found),
        )

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

    def authorize(self, name, *, flow="auto", secret=None):
        connection = self.connection(name)
        service = self.service(connection.service)
        if service.auth_type in {"oauth1", "oauth2"} and not service.registered:
            raise RegistrationRequired(
                f"There is no client registration with {service.name} yet",
                f"Run %conn service register {service.id}",
            )
        choice = self._chosen(connection, service, flow)
        number = f"flow-{len(self.flows) + 1}"
        begun = Authorization(
            flow=number,
            state="pending",
            link_name=connection.link_name,
            service=connection.service,
            service_name=connection.service_name,
            way=choice.flow,
            why=f"{choice.reason}.",
            expires_at=NOW + timedelta(minutes=15),
        )
        self.flows[number] = dataclasses.replace(begun, **_shown(number, choice.flow))
        if choice.flow == "none":
            self._obtain(number, service, secret or {})
        return self.flows[number]

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
        return usual if flow == "auto" else auth.Choice(flow, "You asked for it")

    def _obtain(self, number, service, secret):
        """What the real one does where nobody consents; the types are the real ones."""
        typed = {field: Secret(text) for field, text in secret.items()}
        if service.auth_type != "oauth2":
            attempt = auth.Attempt(scopes=(), now=0.0, typed=typed)
            steps = auth.auth_type(service.auth_type).begin(service, None, attempt)
            auth.drive(steps, lambda request: None, clock=lambda: 0.0)
        self.typed[self.flows[number].link_name] = typed
        self._done(number)

    def _done(self, number):
        granted = self.connection(self.flows[number].link_name).scopes
        self.flows[number] = dataclasses.replace(
            self.flows[number], state="done", account="priya-n", granted_scopes=granted
        )
        self._change(
            self.flows[number].link_name,
            status="connected",
            account="priya-n",
            granted_scopes=granted,
        )
        return self.flows[number]

    def paste(self, flow, address):
        answer = dict(parse_qsl(urlsplit(address).query))
        if answer.get("state") != f"of-{flow}":
            raise InvalidInput(
                "This address belongs to another authorization, or none",
                "Paste the address that the browser was sent to",
                fields={"address": "belongs to another authorization, or none"},
            )
        self.pasted.append(Secret(address))
        return self._done(flow)

    def authorization(self, flow):
        """The person in the browser needs ``ends_after`` questions."""
        if flow not in self.flows:
            raise AuthorizationNotFound("There is no such authorization")
        self.ends_after -= 1
        if self.ends_after <= 0:
            self._done(flow)
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

    def relay(self, name):
        """It is in this process."""

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

    def check(self, needs, *, until=None):
        return tuple(self._readiness(need) for need in needs)

    def _readiness(self, need):
        try:
            facts = self._usable(need.name)
        except ConnectionsError as error:
            return Readiness(
                name=need.name,
                ready=False,
                problem=error.message,
                hint=error.hint,
                needs_person=isinstance(error, NeedsPerson),
            )
        return Readiness(
            name=facts.link_name,
            ready=True,
            service_name=facts.service_name,
            runs_as=self.user,
            account=facts.account,
        )

    def refresh(self, name):
        return self._usable(name)

    def test(self, name, *, timeout=10):
        connection = self._usable(name)
        status = self.api_answers
        how = f"as {connection.account} in 12 ms" if status == 200 else f"{status}"
        return TestResult(
            link_name=connection.link_name,
            ok=self.api_answers == 200,
            message=f"{connection.service_name} answered {how}",
            http_status=self.api_answers,
            latency_ms=12,
            account=connection.account,
        )


def _shown(number, way):
    match way:
        case "browser":
            return {"start_url": f"http://127.0.0.1:8888/connections/start/{number}"}
        case "device":
            return {
                "user_code": "WDJB-MJHT",
                "verification_uri": "https://auth.coffee.example/device",
            }
        case "paste":
            return {
                "start_url": f"https://auth.coffee.example/authorize?state=of-{number}"
            }
    return {}


@contextmanager
def api_running(token):
    """A small API on this machine; yields its address. Each call wants the token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            allowed = self.headers.get("Authorization") == f"Bearer {token}"
            body = json.dumps({"path": self.path, "as": "priya-n"} if allowed else {})
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_arguments):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
