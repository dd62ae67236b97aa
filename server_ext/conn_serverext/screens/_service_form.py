"""The form that describes a service: new, or one of one's own once more."""

from typing import TYPE_CHECKING, Any, Final

from tornado import web

import conn_core
from conn_core import link_name_from, look
from conn_core.errors import (
    ConnectionsError,
    CredentialsAtStake,
    InvalidInput,
    NotAllowed,
    ServiceNotFound,
    VersionConflict,
)

from .._handler import may
from . import _typed
from ._description import Description
from ._kinds import BLANK_ROWS, BOXES, CHOICES, TEXTS, when
from ._learning import kind_of, what_was_learned
from ._screen import Note, ScreenHandler, beside
from ._service import MINE, concerned
from ._service_errors import in_rows, rows_of, with_more

if TYPE_CHECKING:
    from conn_core import Service, ServiceDraft
    from conn_core.broker import Broker

_AGAIN: Final = "has to be typed again: a page never gets it back"
_ADVANCED: Final = {
    "token_endpoint_auth_method",
    "signature_method",
    "pushed_authorization_request_endpoint",
    "registration_endpoint",
}
_FIELDS: Final = {
    *TEXTS,
    *CHOICES,
    *BOXES,
    "client_secret",
    "other_delimiter",
    "issuer",
    "document",
}


class _ServiceForm(ScreenHandler):
    """What both forms do."""

    async def submitted(self, service: "Service | None") -> None:
        """Do what a button says.

        Args:
            service: What is edited; None describes a new one.
        """
        typed = Description.read(self.form)
        match self.form.button:
            case "discover":
                await self._learn(service, typed, "issuer", typed.texts["issuer"])
            case "import":
                await self._learn(
                    service, typed, "document", self.form.text("document")
                )
            case "more-scopes":
                more = [
                    {"name": "", "display_name": "", "read_only": False}
                ] * BLANK_ROWS
                typed.rows = [*typed.rows, *more]
                await self.show_form(service, typed)
            case _:
                await self._save(service, typed)

    async def _learn(
        self, service: "Service | None", typed: Description, field: str, text: str
    ) -> None:
        """Fill the form with what an issuer or a document says."""
        source = kind_of(text) if field == "document" else field
        try:
            _typed.refuse({} if text else {field: "is needed"})
            learned = await self.ask(
                lambda broker: broker.propose_service(**{source: text})
            )
        except ConnectionsError as error:
            said = next(iter(error.fields.values()), None)
            why = said or " ".join(look.spoken(error)).strip()
            beside_it = InvalidInput(error.message, fields={field: why})
            await self.show_form(service, typed, beside_it)
            return
        found = typed.fill(learned.service)
        await self.show_form(service, typed, learned=what_was_learned(found, learned))

    async def _save(self, service: "Service | None", typed: Description) -> None:
        try:
            kept = await self.ask(lambda broker: self._kept(broker, service, typed))
        except ConnectionsError as error:
            await self.show_form(service, typed, error)
            return
        if service is None:
            note = Note(strong=f"{kept.name} is described.", rest="Connect to it next.")
            self.go(f"new/{kept.id}", note=note)
        else:
            self.go(MINE, note=Note(strong=f"{kept.name} is updated."))

    def _kept(
        self, broker: "Broker", service: "Service | None", typed: Description
    ) -> "Service":
        draft = self._draft(broker, service, typed)
        if service is None:
            return broker.create_service(draft)
        seen = self.form.text("version")
        return broker.edit_service(
            service.id,
            draft,
            version=int(seen) if seen.isdecimal() else 0,
            wipe_credentials=self.form.ticked("wipe_credentials"),
        )

    def _draft(
        self, broker: "Broker", service: "Service | None", typed: Description
    ) -> "ServiceDraft":
        """Return what was typed, if all of it is right.

        Raises:
            InvalidInput: With a text for each field that is not.
        """
        id_, is_new = _id_of(service, typed), service is None
        secret = self.form.secret("client_secret") if typed.has_secret else None
        wrong = typed.wrong(is_new=is_new, has_secret=secret is not None)
        if is_new:
            wrong = _wrong_name(broker, id_) | wrong
        members = typed.members() | {"id": id_}
        if secret is not None and "client_id" not in wrong:
            members["client_secret"] = secret.reveal()
        try:
            draft = conn_core.read_draft(conn_core.ServiceDraft, members)
        except InvalidInput as error:
            raise with_more(error, wrong) from None
        _typed.refuse(wrong)
        return draft

    async def show_form(
        self,
        service: "Service | None",
        typed: Description,
        error: ConnectionsError | None = None,
        *,
        learned: list[str] | None = None,
    ) -> None:
        """Show the form as it stands.

        Args:
            service: What is edited.
            typed: What stands in the form.
            error: What was refused.
            learned: What discovery or an import found, a sentence each.
        """
        around = await self.ask(lambda broker: _around(broker, service, typed))
        fields = {"asked_for": TEXTS, "choices": CHOICES, "boxes": BOXES, "when": when}
        self.show_screen(
            "service_form.html",
            status=error.status if error else 200,
            title=f"Edit {service.name}" if service else "Create new service",
            service=service,
            description=typed,
            version=self._version(service),
            identifier=_id_of(service, typed),
            learned=learned or [],
            blank_rows=BLANK_ROWS if self.request.method == "GET" or learned else 0,
            **self._said(error, typed),
            **fields,
            **around,
        )

    def _said(
        self, error: ConnectionsError | None, typed: Description
    ) -> dict[str, Any]:
        """Return what is said of an error: beside fields, above the form, as a question."""
        at_stake = isinstance(error, CredentialsAtStake)
        errors, problem = beside(error, _FIELDS | rows_of(error))
        if self.request.method == "POST" and self.form.secret("client_secret"):
            errors["client_secret"] = errors["client_secret"] or _AGAIN
        if isinstance(error, VersionConflict) and problem:
            problem = problem[0], "Open this page again to see the change."
        return {
            "errors": in_rows(errors, typed),
            "problem": None if at_stake else problem,
            "at_stake": error.message if error and at_stake else "",
            "advanced_open": bool(errors.keys() & _ADVANCED),
        }

    def _version(self, service: "Service | None") -> str:
        if self.request.method == "POST":
            return self.form.text("version")
        return str(service.version) if service else ""


class NewServiceScreen(_ServiceForm):
    """``service/new``."""

    @web.authenticated
    @may("write")
    async def get(self) -> None:
        """Show an empty form."""
        await self.show_form(None, Description())

    @web.authenticated
    @may("write")
    async def post(self) -> None:
        """Describe a service."""
        await self.submitted(None)


class EditServiceScreen(_ServiceForm):
    """``service/{id}/edit``."""

    @web.authenticated
    @may("write")
    async def get(self, service_id: str) -> None:
        """Show a service of one's own."""
        service = await self._own(service_id)
        await self.show_form(service, Description.of(service))

    @web.authenticated
    @may("write")
    async def post(self, service_id: str) -> None:
        """Describe it anew."""
        await self.submitted(await self._own(service_id))

    async def _own(self, service_id: str) -> "Service":
        """Return a service of the person's own.

        Raises:
            NotAllowed: If it is somebody else's, or ships with us.
        """
        service = await self.ask(lambda broker: broker.service(service_id))
        if service.predefined or service.owner != self.person:
            whose = "ships with us" if service.predefined else f"is {service.owner}'s"
            raise NotAllowed(f"You cannot edit '{service.name}': it {whose}")
        return service


def _id_of(service: "Service | None", typed: Description) -> str:
    if service is not None:
        return service.id
    return link_name_from(typed.texts["name"]).replace("_", "-")


def _wrong_name(broker: "Broker", id_: str) -> dict[str, str]:
    if not id_:
        return {"name": "must hold letters a-z: the identifier is made from them"}
    try:
        taken = broker.service(id_)
    except ServiceNotFound:
        return {}
    return {"name": f"There is a service called '{taken.name}' already"}


def _around(
    broker: "Broker", service: "Service | None", typed: Description
) -> dict[str, Any]:
    """Return what the form shows besides."""
    if service is not None:
        return {
            "redirect_url": service.redirect_uri,
            "lines": concerned(broker, service.id),
        }
    base = broker.status().redirect_base
    id_ = _id_of(service, typed) or "…"
    return {"redirect_url": base and f"{base}callback/{id_}", "lines": []}
