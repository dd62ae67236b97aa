"""Authorizations in memory, for brokers that are fakes."""

import dataclasses
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from conn_core import Authorization, Secret, auth
from conn_core.errors import (
    AuthorizationFailed,
    AuthorizationNotFound,
    InteractionRequired,
    InvalidInput,
    RegistrationRequired,
)

START = "http://127.0.0.1:8888/connections/start/"
CODE = "WDJB-MJHT"


class KeptFlows:
    """Begins authorizations as a real one does; ``answer`` ends one as a provider would.

    A broker says with ``_authorized`` what an answer does to a connection.
    """

    #: Whose pages a person is sent to.
    provider = "https://example.com"

    def __init__(self):
        self.flows = {}
        #: What a test arranges.
        self.can_come_back = True
        self.account = None
        self.code_is_typed_at = f"{self.provider}/device"
        self.no_code = None
        self.client_is_answered = ("done",)
        #: What arrived, for a test to look at.
        self.typed = {}
        self.pasted = []

    def authorize(self, name, *, flow="auto", secret=None):
        connection = self.connection(name)
        service = self.service(connection.service)
        if service.auth_type in {"oauth1", "oauth2"} and not service.registered:
            raise RegistrationRequired(
                f"There is no client registration with {connection.service_name} yet",
                f"Run %conn new {connection.service} and enter the client id",
            )
        choice = self._chosen(connection, service, flow)
        number = f"flow{len(self.flows) + 1}"
        self.flows[number] = Authorization(
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
                return {"start_url": f"{self.provider}/authorize?state=of-{number}"}
        return {}

    def _obtain(self, number, service, secret):
        """What the real one does where nobody consents; the types are the real ones."""
        if service.auth_type == "oauth2":
            self.answer(number, *self.client_is_answered, account=self.account)
            return
        typed = {field: Secret(text) for field, text in secret.items()}
        attempt = auth.Attempt(scopes=(), now=0.0, typed=typed)
        steps = auth.auth_type(service.auth_type).begin(service, None, attempt)
        try:
            auth.drive(steps, self._send_nothing, clock=lambda: 0.0)
        except InvalidInput as error:
            self.answer(number, "failed", error=str(error))
            raise
        self.typed[self.flows[number].link_name] = typed
        self.answer(number, "done", account=self.account)

    @staticmethod
    def _send_nothing(request):
        raise AssertionError(request)

    def paste(self, flow, address):
        found = self._flow(flow)
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
        return self.flows[flow]

    def authorization(self, flow):
        return self._flow(flow)

    def _flow(self, flow):
        self._reach()
        if flow not in self.flows:
            raise AuthorizationNotFound(
                "There is no such authorization in progress",
                "Start with %conn authorize",
            )
        return self.flows[flow]

    def cancel(self, flow):
        if self._flow(flow).state == "pending":
            self.answer(flow, "denied", error="You cancelled it.")

    def answer(self, flow, state, *, account=None, error=None, scopes=None):
        """End an authorization as the provider would."""
        found, granted = self.flows[flow], ()
        if state == "done":
            granted = self._authorized(found.link_name, account=account, scopes=scopes)
        self.flows[flow] = dataclasses.replace(
            found,
            state=state,
            start_url=None,
            account=account,
            error=error,
            granted_scopes=granted,
        )
