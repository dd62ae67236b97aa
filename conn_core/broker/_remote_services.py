"""The remote broker's services: what one can connect to, and client registrations."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._values import Page, ServiceProposal
from ._asker import PATIENT, Asker, if_match, nothing, page, part

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._drafts import ClientRegistration
    from .._service_draft import ServiceDraft
    from .._services import Service


class RemoteServices(Asker):
    """The part of ``RemoteBroker`` that is about services."""

    def services(
        self,
        query: str = "",
        *,
        predefined: bool | None = None,
        category: str | None = None,
        cursor: str | None = None,
        limit: int = 24,
    ) -> "Page[Service]":
        """Search the services; best matches first."""
        only = None if predefined is None else str(predefined).lower()
        return self._get(
            "services",
            into=lambda body: page(body, _service),
            q=query or None,
            predefined=only,
            category=category,
            cursor=cursor,
            limit=limit,
        )

    def categories(self) -> tuple[str, ...]:
        """Return the categories that have services, in the order to show them."""
        return self._get("categories", into=lambda body: tuple(map(str, body["items"])))

    def service(self, service_id: str) -> "Service":
        """Return one service, with ``redirect_uri`` and ``registered`` filled in."""
        return self._get(f"services/{part(service_id)}", into=_service)

    def register_client(
        self, service_id: str, registration: "ClientRegistration"
    ) -> "Service":
        """Keep the client id and secret of a service; a secret left out is kept."""
        body = {"client_id": registration.client_id} | secret_of(registration)
        path = f"services/{part(service_id)}/registration"
        return self._send("PUT", path, body, into=_service)

    def register_automatically(self, service_id: str) -> "Service":
        """Let the service make a client registration for us (RFC 7591)."""
        path = f"services/{part(service_id)}/registration"
        return self._send("POST", path, {}, timeout=PATIENT, into=_service)

    def create_service(self, draft: "ServiceDraft") -> "Service":
        """Describe a service of one's own; everybody here can connect to it."""
        return self._send("POST", "services", _written(draft), into=_service)

    def edit_service(
        self,
        service_id: str,
        draft: "ServiceDraft",
        *,
        version: int | None = None,
        wipe_credentials: bool = False,
    ) -> "Service":
        """Describe a service of one's own anew; only its owner may."""
        question = "?wipe_credentials=true" if wipe_credentials else ""
        return self._send(
            "PATCH",
            f"services/{part(service_id)}{question}",
            _written(draft),
            headers=if_match(version),
            into=_service,
        )

    def delete_service(self, service_id: str) -> None:
        """Delete a service of one's own and its client registration."""
        self._send("DELETE", f"services/{part(service_id)}", into=nothing)

    def propose_service(
        self,
        *,
        issuer: str | None = None,
        openapi: str | None = None,
        toml: str | None = None,
    ) -> ServiceProposal:
        """Learn about a service from exactly one source; nothing is stored."""
        sources = {"issuer": issuer, "openapi": openapi, "toml": toml}
        return self._send(
            "POST",
            "services/proposals",
            {name: text for name, text in sources.items() if text is not None},
            timeout=PATIENT,
            into=ServiceProposal.from_json,
        )


def _written(draft: "ServiceDraft") -> dict[str, Any]:
    """Write what a person filled in; the secret is put in by hand."""
    body = draft.model_dump(mode="json", exclude_unset=True, exclude={"client_secret"})
    return body | secret_of(draft)


def secret_of(holder: "ClientRegistration | ServiceDraft") -> dict[str, str]:
    """Return the client secret as a member, none where it was left out."""
    if holder.client_secret is None:
        return {}
    return {"client_secret": holder.client_secret.get_secret_value()}


def _service(body: Mapping[str, Any]) -> "Service":
    from .._services import Service  # noqa: PLC0415 - pydantic, only where it is needed

    return Service.model_validate(body)
