"""The broker that asks a server which has the real one, over REST."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from .. import auth
from .._values import AccessToken, AskedWay, Authorization, BrokerStatus
from ._asker import PATIENT, nothing, part, path_of
from ._relay import Relay
from ._remote_audit import RemoteAudit
from ._remote_connections import RemoteConnections
from ._remote_grants import RemoteGrants
from ._remote_jobs import RemoteJobs
from ._remote_services import RemoteServices


class RemoteBroker(
    RemoteServices, RemoteConnections, RemoteJobs, RemoteGrants, RemoteAudit
):
    """Asks a server. See ``Broker`` for what each method promises.

    Args:
        endpoint: The server's address, ending in ``connections/``.
        runtime_dir: Where the server left the bearer; read when it is needed, and
            again when the server no longer takes it because it was restarted.
        bearer: Finds the bearer where no server of this machine left it.
        timeout: Seconds to wait for an answer.
        place: The notebook or job that asks.
    """

    def __repr__(self) -> str:
        return f"<RemoteBroker at {self._endpoint}>"

    def status(self) -> BrokerStatus:
        """Say where credentials come from, and as whom."""
        found = self._get("status", into=BrokerStatus.from_json)
        return dataclasses.replace(found, kind="server", location=self._endpoint)

    def authorize(
        self,
        name: str,
        *,
        flow: AskedWay = "auto",
        secret: Mapping[str, str] | None = None,
    ) -> Authorization:
        """Begin an authorization; open ``start_url``, then ask ``authorization``."""
        body: dict[str, Any] = {"flow": flow}
        if secret is not None:
            body["secret"] = dict(secret)
        return self._send(
            "POST",
            path_of(name, "authorizations"),
            body,
            timeout=PATIENT,
            into=Authorization.from_json,
        )

    def paste(self, flow: str, address: str) -> Authorization:
        """Finish an authorization with the address that the browser was sent to."""
        return self._send(
            "POST",
            f"authorizations/{part(flow)}/paste",
            {"address": address},
            timeout=PATIENT,
            into=Authorization.from_json,
        )

    def authorization(self, flow: str) -> Authorization:
        """Say how far an authorization is."""
        path = f"authorizations/{part(flow)}"
        return self._get(path, into=Authorization.from_json)

    def cancel(self, flow: str) -> None:
        """Give an authorization up."""
        self._send("DELETE", f"authorizations/{part(flow)}", into=nothing)

    def access_token(
        self, name: str, *, require: Sequence[str] = (), rejected: int | None = None
    ) -> AccessToken:
        """Vend a token that works now, refreshing it when needed."""
        question = {"require": list(require), "rejected": rejected}
        # Repeatable: the generation keeps the server from refreshing twice.
        return self._send(
            "POST",
            path_of(name, "token"),
            question,
            repeatable=True,
            timeout=PATIENT,
            into=AccessToken.from_json,
        )

    def relay(self, name: str) -> Relay:
        """Return the way through the server, which has the credential."""
        return Relay(
            f"{self._endpoint}api/v1/{path_of(name)}/proxy",
            bearer=self._bearer_to_show,
            place=self._place,
        )

    def sign(
        self,
        name: str,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> dict[str, str]:
        """Return headers that sign one request; only what is signed travels."""
        request = auth.Outgoing(method=method, url=url, headers=headers, body=body)
        question = {
            "method": method,
            "url": url,
            "content_type": auth.form_type(request),
            "form": auth.form_to_sign(request, link_name=name),
        }
        return self._send(
            "POST", path_of(name, "sign"), question, repeatable=True, into=_signed
        )


def _signed(body: dict[str, Any]) -> dict[str, str]:
    return {str(name): str(text) for name, text in body["headers"].items()}
