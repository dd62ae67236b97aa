"""Create new service, and edit one."""

from collections.abc import Callable
from typing import Any

import ipywidgets
from pydantic import SecretStr

from conn_core import (
    Service,
    ServiceDraft,
    ServiceProposal,
    link_name_from,
    read_draft,
)
from conn_core._services import ANSWERED
from conn_core.broker import Broker
from conn_core.errors import (
    ConnectionsError,
    CredentialsAtStake,
    InvalidInput,
    ServiceNotFound,
)

from . import _html
from ._credentials import Typed, hand_over_all, refuse_if_wrong
from ._list import Background, in_background
from ._problem import Problem
from ._service_fields import ServiceFields
from ._service_finding import Discovery, Import, found_lines
from ._service_layout import ServiceLayout
from ._service_questions import AtStakeScreen
from ._stage import (
    Screen,
    Stage,
    boxed,
    button,
    close_all,
    panel,
    show_only_if,
    way_back_to,
)

#: What an error is called that is about no single field.
_WHOLE = "service"
_AGAIN = "Type it again: what was refused is not kept."


class ServiceScreen(Screen):
    """The form that describes a service.

    Args:
        stage: Where it is shown.
        broker: Who keeps it.
        service: The service to be edited, as it was read; None creates one.
        proposal: What the form begins with.
        on_done: Gets the service as it is then.
        on_cancel: Called when it is given up.
        way_back: Words for the link back; empty where there is none.
        background: Does what may take long.
    """

    focus = ".conn-section input"

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        *,
        service: Service | None = None,
        proposal: ServiceProposal | None = None,
        on_done: Callable[[Service], None],
        on_cancel: Callable[[], None],
        way_back: str = "",
        background: Background = in_background,
    ) -> None:
        self._stage = stage
        self._broker = broker
        self._service = service
        self._on_done = on_done
        self._is_asking = False
        self._redirect_base = _redirect_base(broker)
        self.problem = Problem()
        self.fields = ServiceFields(_members_of(service))
        self.found = ipywidgets.HTML()
        self.discovery = Discovery(
            broker, self.fields, on_found=self._found, background=background
        )
        self.imported = Import(broker, self.fields, on_found=self._found)
        self.layout = ServiceLayout(
            self.fields,
            discovery=(self.discovery.button, self.discovery.said),
            redirect_url=self._redirect_url,
        )
        self._say_what_an_empty_secret_means()
        words = "Create service" if service is None else "Update service"
        self.submit_button = button(words, self.submit, kind="primary")
        self.panel = self._build(on_cancel, way_back)
        self.fields.texts["name"].observe(self._show_identifier, "value")
        self._show_identifier()
        show_only_if(self.found, wanted=False)
        if proposal is not None:
            filled = self.fields.fill(proposal.service, overwrite=True)
            self._found(found_lines(filled, proposal))

    def submit(self) -> None:
        """Check what was typed, ask the browser for the secret, and keep the service."""
        self._clear_errors()
        try:
            self._check()
        except ConnectionsError as error:
            self._refuse(error)
            return
        self.submit_button.disabled = True
        hand_over_all(self.fields.secrets, self._save)

    def text(self) -> str:
        """Say how to do the same without widgets."""
        if self._service is None:
            return (
                "Create new service\n"
                "  This form needs a notebook. Without one, describe it in a file: the\n"
                "  best start is one that there is.\n"
                "  %conn service export ID    prints one, without secrets\n"
                "  %conn service import FILE  creates what a file describes"
            )
        return (
            f"Edit {self._service.name}\n"
            "  This form needs a notebook. Without one:\n"
            f"  %conn service export {self._service.id}    prints it, without secrets\n"
            f"  %conn service edit {self._service.id}"
        )

    def leave(self) -> None:
        """Let go of it, unless a question about it is shown in its place."""
        if self._is_asking:
            return
        super().leave()
        for part in self.layout.sections:
            close_all(part)
        self.fields.close()

    # --- building ---------------------------------------------------------------------

    def _build(self, on_cancel: Callable[[], None], way_back: str) -> Any:
        if self._service is None:
            title, lede = (
                "Create new service",
                (
                    "Describe how to sign in to it. Colleagues here can then connect to it "
                    "too."
                ),
            )
        else:
            title, lede = (
                f"Edit {self._service.name}",
                ("What changes here changes for every connection to it."),
            )
        back = way_back_to(way_back, on_cancel)
        made = panel(
            head=[*back, ipywidgets.HTML(_html.title_line(title, lede=lede))],
            body=[],
            foot=[button("Cancel", on_cancel, kind="cancel"), self.submit_button],
        )
        body = made.children[1]
        body.remove_class("conn-stack")
        notes = boxed([self.problem, self.imported.box, self.found], "conn-notes")
        body.children = [notes, *self.layout.sections]
        return made

    def _say_what_an_empty_secret_means(self) -> None:
        if self._service is None or not self._service.registered:
            return
        kept = "Left empty, the registration stays as it is."
        self.fields.texts["client_id"].help = kept
        self.fields.secret.help = "Left empty, the secret stays as it is."
        self.fields.secret.placeholder = "Unchanged"

    @property
    def _id(self) -> str:
        if self._service is not None:
            return self._service.id
        return link_name_from(self.fields.texts["name"].value).replace("_", "-")

    def _redirect_url(self) -> str | None:
        if self._service is not None:
            return self._service.redirect_uri
        base = self._redirect_base
        return None if base is None else f"{base}callback/{self._id or '…'}"

    def _show_identifier(self, _change: Any = None) -> None:
        self.fields.texts["name"].help = (
            f"Identifier: `{self._id}`"
            if self._id
            else "Use at least one letter a-z: the identifier is made from the name."
        )

    def _found(self, lines: list[str]) -> None:
        self.found.value = _html.findings(lines)
        show_only_if(self.found, wanted=bool(lines))

    # --- submitting -------------------------------------------------------------------

    def _draft(self, secrets: Typed) -> ServiceDraft:
        members = self.fields.members() | {"id": self._id}
        # No local variable for the secret: tracebacks may show those.
        sealed = {name: SecretStr(s.reveal()) for name, s in secrets.items()}
        return read_draft(ServiceDraft, members | sealed)

    def _check(self) -> None:
        """Say all that is wrong at once, before a secret leaves the browser.

        Raises:
            InvalidInput: With a text for each field.
        """
        wrong = self._wrong_name() | self.fields.wrong(is_new=self._service is None)
        try:
            self._draft({})
        except InvalidInput as error:
            found = dict(error.fields)
            if wrong or found.keys() != {_WHOLE}:
                found.pop(_WHOLE, None)  # its fields say so themselves
            raise InvalidInput(
                error.message, error.hint, fields=found | wrong
            ) from None
        refuse_if_wrong(wrong)

    def _wrong_name(self) -> dict[str, str]:
        """Look before a secret is handed over: it would have to be typed again."""
        if not self._id:
            return {"name": "must hold letters a-z: the identifier is made from them"}
        if self._service is not None:
            return {}
        try:
            taken = self._broker.service(self._id)
        except ServiceNotFound:
            return {}
        return {"name": f"There is a service called '{taken.name}' already"}

    def _save(self, secrets: Typed) -> None:
        try:
            draft = self._draft(secrets)
            kept = self._keep(draft, wipe=False)
        except CredentialsAtStake as error:
            self._ask(error, draft)
            return
        except ConnectionsError as error:
            self._refuse(error, secret_is_gone=bool(secrets))
            return
        finally:
            self.submit_button.disabled = False
        self._on_done(kept)

    def _keep(self, draft: ServiceDraft, *, wipe: bool) -> Service:
        if self._service is None:
            return self._broker.create_service(draft)
        return self._broker.edit_service(
            self._service.id,
            draft,
            version=self._service.version,
            wipe_credentials=wipe,
        )

    def _ask(self, error: CredentialsAtStake, draft: ServiceDraft) -> None:
        """Ask whether live credentials may end; the draft waits for the answer."""
        service = self._service
        if service is None:
            return
        had_secret = draft.client_secret is not None

        def back() -> None:
            self._stage.show(self)
            self._is_asking = False
            if had_secret:
                self.fields.secret.error = _AGAIN

        def agreed() -> None:
            kept = self._keep(draft, wipe=True)
            self._is_asking = False
            close_all(self.panel)
            self._on_done(kept)

        self._is_asking = True
        self._stage.show(
            AtStakeScreen(
                self._stage,
                self._broker,
                service,
                why=error.message,
                on_agreed=agreed,
                on_cancel=back,
            )
        )

    # --- errors -----------------------------------------------------------------------

    def _clear_errors(self) -> None:
        self.fields.clear_errors()
        self.problem.clear()

    def _refuse(self, error: ConnectionsError, *, secret_is_gone: bool = False) -> None:
        """Show an error: beside its fields where it names them, else at the top."""
        self.layout.open_folds({name.partition(".")[0] for name in error.fields})
        if not self.fields.put_beside(error):
            self.problem.refuse(error)
        if secret_is_gone and not self.fields.secret.error:
            self.fields.secret.error = _AGAIN
        self._stage.focus_on_error()


def _members_of(service: Service | None) -> dict[str, Any]:
    if service is None:
        return {}
    return {
        name: value
        for name, value in service.model_dump(mode="json", exclude_none=True).items()
        if name in ServiceDraft.model_fields and name not in ANSWERED
    }


def _redirect_base(broker: Broker) -> str | None:
    try:
        return broker.status().redirect_base
    except ConnectionsError:
        return None
