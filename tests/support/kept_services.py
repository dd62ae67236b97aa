"""Services in memory, for brokers that are fakes: custom ones, and registrations."""

import tomllib

from kept_pages import page

from conn_core import ClientRegistration, ServiceDraft, ServiceProposal, read_draft
from conn_core._services import ANSWERED
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


class KeptServices:
    """The services of a person. ``discovery`` is what issuers say of themselves.

    A broker says with ``_ended`` what happens to connections whose credentials end.
    """

    #: Who asks.
    user = "priya"

    def __init__(self, services):
        self._services = {service.id: service for service in services}
        self.registrations = {}
        self.discovery = {}
        #: What a test has a service answer that is asked for a registration.
        self.automatic = None

    def _reach(self):
        """Raise where a test lets nobody be reached."""

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
            raise ServiceNotFound(
                f"There is no service called '{service_id}'", "See %conn services"
            )
        known = self._services[service_id]
        return known.model_copy(
            update={
                "redirect_uri": CALLBACK + service_id,
                "registered": service_id in self.registrations or known.registered,
                "connection_count": len(self._connected_to(service_id)),
            }
        )

    def _connected_to(self, service_id):
        return [c for c in self.found.values() if c.service == service_id]

    def register_client(self, service_id, registration):
        self.service(service_id)
        self.registrations[service_id] = registration
        return self.service(service_id)

    def register_automatically(self, service_id):
        if self.automatic is not None:
            raise self.automatic
        service = self.service(service_id)
        if service.registration_endpoint is None:
            raise InvalidInput(
                f"{service.name} registers nobody by itself",
                f"Run %conn service register {service_id}",
            )
        made = {"client_id": "made-for-us", "client_secret": "CNRY-made-for-us"}
        return self.register_client(service_id, read_draft(ClientRegistration, made))

    # --- custom ones ------------------------------------------------------------------

    def create_service(self, draft):
        self._reach()
        if draft.id in self._services:
            why = f"cannot be taken: '{draft.id}' is a service already"
            raise NameTaken(
                f"The name '{draft.name}' {why}",
                "Choose another name",
                fields={"name": why},
            )
        return self._keep(draft, version=1)

    def edit_service(self, service_id, draft, *, version=None, wipe_credentials=False):
        known = self._own(service_id)
        if version not in (None, known.version):
            raise VersionConflict(
                f"{known.name} was changed by somebody else in the meantime",
                "Look at it again, then change it",
            )
        kept = draft.model_copy(update={"id": service_id})
        changed = kept.described(owner=self.user)
        if known.security_facts() != changed.security_facts():
            self._end_credentials(known, agreed=wipe_credentials)
        return self._keep(kept, version=known.version + 1)

    def delete_service(self, service_id):
        known = self._own(service_id)
        used = [c.link_name for c in self._connected_to(service_id)]
        if used:
            raise Conflict(
                f"{known.name} is used by {', '.join(used)}",
                f"Run %conn delete {used[0]}",
            )
        del self._services[service_id]
        self.registrations.pop(service_id, None)

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
        self.service(service_id)
        known = self._services[service_id]
        if known.predefined:
            raise NotAllowed(
                f"{known.name} ships with this program and cannot be changed",
                f"Describe one of your own: %conn service export {service_id}, then "
                "%conn service import",
            )
        if known.owner != self.user:
            raise NotAllowed(
                f"{known.name} was described by {known.owner}, and only {known.owner} "
                "can change or delete it",
                f"Ask {known.owner}",
            )
        return known

    def _end_credentials(self, known, *, agreed):
        live = [c for c in self._connected_to(known.id) if c.status == "connected"]
        if live and not agreed:
            raise CredentialsAtStake(
                f"Credentials of {len(live)} connection of 1 person are bound to the "
                f"addresses and hosts of {known.name}, and this would change them",
                "",
            )
        for each in live:
            self._ended(each)

    def _keep(self, draft, *, version):
        answered = {"predefined": False, "version": version}
        described = draft.described(owner=self.user).model_copy(update=answered)
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
