"""The services of the broker in memory: the catalogue, custom ones, registrations."""

import tomllib

from memory_pages import page

from conn_core import ClientRegistration, ServiceDraft, ServiceProposal, read_draft
from conn_core._service_draft import ANSWERED
from conn_core.errors import (
    Conflict,
    CredentialsAtStake,
    InvalidInput,
    NameTaken,
    NotAllowed,
    ProviderUnavailable,
    ServiceNotFound,
    VersionConflict,
)

CALLBACK = "http://127.0.0.1:8888/connections/callback/"


class MemoryServices:
    """The part that is about services. ``discovery`` is what issuers say of themselves."""

    def __init__(self, services):
        self._services = {service.id: service for service in services}
        self.registrations = {}
        self.discovery = {}
        self.automatic = None
        self.wiped = []

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
            service.id
            for service in self._services.values()
            if predefined in (None, service.predefined)
            and category in (None, service.category)
            and wanted in f"{service.name} {service.description}".casefold()
        ]
        return page(found, cursor, limit, made=self.service)

    def service(self, service_id):
        self._reach()
        if service_id not in self._services:
            raise ServiceNotFound(f"There is no service called '{service_id}'")
        known = self._services[service_id]
        used = [c for c in self._connections.values() if c.service == service_id]
        return known.model_copy(
            update={
                "redirect_uri": CALLBACK + service_id,
                "registered": service_id in self.registrations or known.registered,
                "connection_count": len(used),
            }
        )

    def register_client(self, service_id, registration):
        self.service(service_id)
        self.registrations[service_id] = registration
        return self.service(service_id)

    def register_automatically(self, service_id):
        if self.automatic is not None:
            raise self.automatic
        made = {"client_id": "made-for-us", "client_secret": "CNRY-made-for-us"}
        return self.register_client(service_id, read_draft(ClientRegistration, made))

    # --- custom ones ------------------------------------------------------------------

    def create_service(self, draft):
        self._reach()
        if draft.id in self._services:
            text = f"A service called '{self._services[draft.id].name}' exists already"
            raise NameTaken(text, "Choose another name", fields={"name": text})
        return self._keep(draft, owner="priya", version=1)

    def edit_service(self, service_id, draft, *, version=None, wipe_credentials=False):
        known = self._own(service_id)
        if version is not None and version != known.version:
            raise VersionConflict(
                f"'{known.name}' was changed by somebody else in the meantime",
                "Look at it again, then change it",
            )
        changed = draft.described(owner="priya").model_copy(update={"id": service_id})
        if known.security_facts() != changed.security_facts():
            self._end_credentials(known, agreed=wipe_credentials)
        kept = draft.model_copy(update={"id": service_id})
        return self._keep(kept, owner="priya", version=known.version + 1)

    def delete_service(self, service_id):
        known = self._own(service_id)
        used = [
            c.link_name for c in self._connections.values() if c.service == known.id
        ]
        if used:
            raise Conflict(
                f"'{known.name}' is used by {', '.join(used)}", "Delete these first"
            )
        del self._services[known.id]
        self.registrations.pop(known.id, None)

    def propose_service(self, *, issuer=None, openapi=None, toml=None):
        self._reach()
        if issuer is not None:
            if issuer not in self.discovery:
                raise ProviderUnavailable(
                    f"{issuer} does not describe itself", "Type the addresses yourself"
                )
            return self.discovery[issuer]
        if openapi is not None:
            return ServiceProposal(
                service={"name": "Of OpenAPI", "auth_type": "api_key"}
            )
        try:
            read = tomllib.loads(toml)["service"][0]
        except (tomllib.TOMLDecodeError, LookupError) as error:
            raise InvalidInput(
                "This is no service", "See %conn service export"
            ) from error
        return ServiceProposal(service=read)

    def _own(self, service_id):
        known = self.service(service_id)
        if known.predefined or known.owner != "priya":
            raise NotAllowed(f"'{known.name}' can be changed by its owner only")
        return known

    def _end_credentials(self, known, *, agreed):
        live = [
            c.link_name
            for c in self._connections.values()
            if c.service == known.id and c.status == "connected"
        ]
        if live and not agreed:
            raise CredentialsAtStake(
                f"This would end the credentials of {', '.join(live)}",
                "Run it again with wipe_credentials",
            )
        self.wiped += live

    def _keep(self, draft, *, owner, version):
        answered = {"predefined": False, "version": version}
        described = draft.described(owner=owner).model_copy(update=answered)
        self._services[draft.id] = described
        if draft.client_id:
            members = {
                "client_id": draft.client_id,
                "client_secret": draft.client_secret,
            }
            self.registrations[draft.id] = read_draft(ClientRegistration, members)
        return self.service(draft.id)


def as_draft(service, **changes):
    """Return the description of a service, to be sent again."""
    members = service.model_dump(exclude=set(ANSWERED))
    return read_draft(ServiceDraft, members | changes)
