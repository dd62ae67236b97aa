"""Ask a person at a terminal for what a service wants; secrets are typed unseen.

A script answers beforehand: what it pipes in is taken in the place of questions.
"""

from typing import TYPE_CHECKING

from conn_core.errors import InvalidInput

from ._blocks import Block, Cell, Facts, Note, Sentence
from ._usage import may_be_repeated
from ._views import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conn_core import (
        Authorization,
        ClientRegistration,
        CredentialField,
        Secret,
        Service,
    )

    from ._desk import Desk

_TRIES = 3
_PIPED_REGISTRATION = ("client_id", "client_secret")


def asks_for(service: "Service") -> "tuple[CredentialField, ...]":
    """Return what a service wants typed."""
    from conn_core.auth import auth_type

    return auth_type(service.auth_type).asks_for(service)


def nobody_consents(service: "Service") -> bool:
    """Tell whether a connection to this service opens no page anywhere."""
    from conn_core.auth import choose_flow

    choice = choose_flow(service, can_come_back=True, browser_is_elsewhere=False)
    return choice.flow == "none"


def ask_credentials(desk: "Desk", service: "Service") -> "dict[str, Secret]":
    """Ask for what a service wants typed.

    Args:
        desk: How to ask.
        service: Who wants it, its blanks filled where that is known.

    Raises:
        InvalidInput: If something that is needed was not typed.
    """
    fields = asks_for(service)
    if desk.piped is None:
        hosts = ", ".join(host for host in service.api_hosts if "{" not in host)
        where = hosts or service.name
        desk.show(View(Note(f"What you type is stored sealed, and sent to {where}")))
        typed = {field.name: _asked(desk, field) for field in fields}
    else:
        typed = taken(desk.piped, (field.name for field in fields))
    for field in fields:
        if not (typed.get(field.name) or field.optional or field.default):
            raise InvalidInput(
                f"Nothing was stored: {field.name}: is needed",
                fields={f"secret.{field.name}": "is needed"},
            )
    return {name: secret for name, secret in typed.items() if secret}


def taken(piped: "Mapping[str, Secret]", known: "Iterable[str]") -> "dict[str, Secret]":
    """Return what was piped in, where all of it is wanted.

    Raises:
        InvalidInput: If some of it is not.
    """
    wanted = tuple(known)
    for name in piped:
        if name not in wanted:
            shown = f"'{name}'" if may_be_repeated(name) else "A name in it"
            raise InvalidInput(
                f"Nothing was stored: --secret-stdin: {shown} is not wanted here, only "
                f"{', '.join(wanted) or 'nothing'}"
            )
    return dict(piped)


def _asked(desk: "Desk", field: "CredentialField") -> "Secret":
    from conn_core import Secret

    label = field.display_name or field.name.replace("_", " ").capitalize()
    if field.help:
        desk.show(View(Note(f"{label}: {field.help}")))
    if field.optional or field.default:
        label += f" [{field.default}]" if _may_be_shown(field) else " (may be empty)"
    ask = desk.ask_secret if field.secret else desk.ask
    return Secret(_one_line(ask, f"{label}: "))


def _may_be_shown(field: "CredentialField") -> bool:
    return bool(field.default) and not field.secret


def _one_line(ask: "Callable[[str], str]", question: str) -> str:
    try:
        return ask(question).strip()
    except EOFError:
        return ""


def ask_registration(
    desk: "Desk", service: "Service", *, client_id: str | None = None
) -> "ClientRegistration | None":
    """Ask for the client id and secret of a service; None when nothing was entered.

    Args:
        desk: How to ask.
        service: Whose registration is missing.
        client_id: What need not be asked for any more.
    """
    from conn_core import ClientRegistration, read_draft

    piped = None if desk.piped is None else taken(desk.piped, _PIPED_REGISTRATION)
    if piped is None:
        desk.show(View(*_what_to_register(service)))
        given = client_id or _one_line(desk.ask, "Client id: ")
    else:
        given = client_id or _revealed(piped.get("client_id")) or ""
    if not given:
        return None
    # No local variable for the secret: tracebacks may show those.
    return read_draft(
        ClientRegistration,
        {
            "client_id": given,
            "client_secret": _revealed(
                ask_client_secret(desk, service.token_endpoint_auth_method)
            ),
        },
    )


def ask_client_secret(desk: "Desk", authentication: str) -> "Secret | None":
    """Ask for the secret of a client registration; None when there is none.

    Args:
        desk: How to ask.
        authentication: How the client proves who it is.
    """
    from conn_core import Secret

    if authentication == "none":
        return None
    if desk.piped is not None:
        return taken(desk.piped, _PIPED_REGISTRATION).get("client_secret")
    by_key = authentication == "private_key_jwt"
    question = "Private key (a JWK, one line): " if by_key else "Client secret: "
    return Secret(_one_line(desk.ask_secret, question)) or None


def _revealed(secret: "Secret | None") -> str | None:
    return None if secret is None else secret.reveal()


def _what_to_register(service: "Service") -> "tuple[Block, ...]":
    how = service.registration_help or (
        f"Register a client with {service.name}, then enter what it gives you"
    )
    redirect = service.redirect_uri
    facts = [Facts((("Redirect URL", Cell(redirect, "code")),))] if redirect else []
    return (
        _standing(service),
        Note(f"{how}. This is done once for everybody"),
        *(facts if service.grant_type == "authorization_code" else []),
    )


def _standing(service: "Service") -> "Block":
    if service.registered:
        return Sentence(
            f"{service.name} has a client registration; this replaces it", ""
        )
    return Sentence(f"There is no client registration with {service.name} yet", "todo")


def ask_address(desk: "Desk", authorization: "Authorization") -> "Authorization":
    """Ask for the address that the browser was sent to, and finish with it.

    Args:
        desk: How to ask.
        authorization: What was begun.

    Returns:
        How it ended; still ``pending`` when nothing was entered.
    """
    for _ in range(_TRIES):
        address = _one_line(desk.ask, "Address that the browser was sent to: ")
        if not address:
            break
        try:
            return desk.broker.paste(authorization.flow, address)
        except InvalidInput as error:
            desk.say(f"{error}\n")
    return authorization
