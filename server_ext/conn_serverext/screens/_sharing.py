"""Who may use a connection, and whose it is: the page for its owner."""

from typing import TYPE_CHECKING, Any, Final

from tornado import web

from conn_core import principals_in, typed_principals
from conn_core.errors import ConnectionsError

from .._handler import may
from . import _typed
from ._deeds import details_of
from ._form import Form
from ._screen import Note, ScreenHandler, beside

if TYPE_CHECKING:
    from conn_core import Connection
    from conn_core.broker import Broker

#: Who may use it, in the order to choose from.
SHARING: Final = (
    ("everybody", "Everybody here"),
    ("nobody", "Only you"),
    ("people", "These people and groups"),
)
_FIELDS: Final = {"people", "to"}


def shared_with(sharing: str, people: str) -> list[str]:
    """Return who else may use a connection, as a draft says it.

    Args:
        sharing: ``everybody``, ``people`` or ``nobody``.
        people: Names of people and groups, with commas.
    """
    match sharing:
        case "everybody":
            return ["*"]
        case "people":
            return principals_in(people)
    return []


def refuse_nobody(sharing: str, people: str) -> None:
    """Ask for names where somebody wants to name people.

    Raises:
        InvalidInput: If there is none.
    """
    wanted = sharing != "people" or shared_with(sharing, people)
    _typed.refuse({} if wanted else {"people": "is needed"})


class SharingScreen(ScreenHandler):
    """``connection/{name}/sharing``."""

    @web.authenticated
    @may("write")
    async def get(self, name: str) -> None:
        """Show who may use it."""
        connection = await self.ask(lambda broker: broker.connection(name))
        principals = connection.shared_with
        named = bool(principals) and "*" not in principals
        chosen = "people" if named else "everybody" if principals else "nobody"
        people = typed_principals(principals) if named else ""
        self._show(connection, {"sharing": chosen, "people": people, "to": ""})

    @web.authenticated
    @may("write")
    async def post(self, name: str) -> None:
        """Share it anew, or give it to somebody else."""
        connection = await self.ask(lambda broker: broker.connection(name))
        form = self.form
        hands_on = form.button == "transfer"
        try:
            changed = await self.ask(
                lambda broker: (_handed_on if hands_on else _shared)(broker, name, form)
            )
        except ConnectionsError as error:
            typed = {name: form.text(name) for name in ("sharing", "people", "to")}
            self._show(connection, typed, error)
            return
        strong = f"It belongs to {changed.owner} now." if hands_on else "Shared."
        note = Note(strong=strong, rest=changed.notice)
        is_seen = changed.owner == self.person
        self.go(details_of(changed.full_name) if is_seen else "", note=note)

    def _show(
        self,
        connection: "Connection",
        typed: dict[str, str],
        error: ConnectionsError | None = None,
    ) -> None:
        facts: dict[str, Any] = {"connection": connection, "sharing": SHARING}
        errors, problem = beside(_named(error), _FIELDS)
        mine = connection.owner == self.person
        self.show_screen(
            "sharing.html",
            status=error.status if error else 200,
            title=f"{'Share' if mine else 'Give away'} {connection.name}",
            typed=typed,
            errors=errors,
            problem=problem,
            **facts,
        )


def _shared(broker: "Broker", name: str, form: Form) -> "Connection":
    sharing, people = form.text("sharing"), form.text("people")
    refuse_nobody(sharing, people)
    return broker.share(name, shared_with(sharing, people))


def _handed_on(broker: "Broker", name: str, form: Form) -> "Connection":
    return broker.transfer(name, form.text("to"))


def _named(error: ConnectionsError | None) -> ConnectionsError | None:
    """Say beside the field for people what the draft says of its principals."""
    for field in list(error.fields) if error else []:
        if error is not None and field.startswith("shared_with"):
            error.fields["people"] = error.fields.pop(field)
    return error
