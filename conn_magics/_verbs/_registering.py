"""The verb that enters a client registration."""

from typing import TYPE_CHECKING

from conn_core.errors import InteractionRequired

from .._asking import ask_registration
from .._blocks import Note, Sentence
from .._desk import Desk
from .._naming import said_as_options
from .._service_options import OPTION_OF
from .._verb import SECRET_STDIN, argument, verb
from .._views import View
from ._services import ID

if TYPE_CHECKING:
    import conn_core


@verb(
    "service register",
    ID,
    argument("--client-id", metavar="ID", help="its secret is asked for unseen"),
    argument(
        "--automatic",
        action="store_true",
        help="let the service make one, where it can",
    ),
    SECRET_STDIN,
)
def register(
    desk: Desk,
    *,
    service_id: str,
    client_id: str | None = None,
    automatic: bool = False,
) -> View:
    """Enter the client id and secret of a service, for everybody here."""
    found = desk.broker.service(service_id)
    if automatic:
        return _registered(desk.broker.register_automatically(found.id))
    if not (desk.around.person or desk.piped is not None):
        raise InteractionRequired(
            f"This notebook runs without a user, and the client registration with "
            f"{found.name} has to be typed",
            f"Open a notebook and run %conn service register {found.id}",
        )
    with said_as_options(OPTION_OF):
        registration = ask_registration(desk, found, client_id=client_id)
    if registration is None:
        nothing = Sentence("Nothing was entered, and nothing was changed", "off")
        return View(nothing, outcome="failed")
    return _registered(desk.broker.register_client(found.id, registration))


def _registered(service: "conn_core.Service") -> View:
    return View(
        Sentence(f"{service.name} can be connected to now", "ok"),
        Note(f"Run %conn new {service.id}"),
        data=service.model_dump(mode="json"),
    )
