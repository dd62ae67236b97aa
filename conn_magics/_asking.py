"""Ask a person at a terminal for what a service wants; secrets are typed unseen."""

from typing import TYPE_CHECKING

from conn_core.errors import InvalidInput

from ._blocks import Block, Cell, Facts, Note, Sentence
from ._views import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from conn_core import (
        Authorization,
        ClientRegistration,
        CredentialField,
        Secret,
        Service,
    )

    from ._desk import Desk

_TRIES = 3


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
    hosts = ", ".join(host for host in service.api_hosts if "{" not in host)
    desk.show(
        View(
            Note(f"What you type is stored sealed, and sent to {hosts or service.name}")
        )
    )
    fields = asks_for(service)
    typed = {field.name: _asked(desk, field) for field in fields}
    for field in fields:
        if not (typed[field.name] or field.optional or field.default):
            raise InvalidInput(
                f"Nothing was stored: {field.name}: is needed",
                fields={f"secret.{field.name}": "is needed"},
            )
    return {name: secret for name, secret in typed.items() if secret}


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


def ask_registration(desk: "Desk", service: "Service") -> "ClientRegistration | None":
    """Ask for the client id and secret of a service; None when nothing was entered.

    Args:
        desk: How to ask.
        service: Whose registration is missing.
    """
    from conn_core import ClientRegistration, read_draft

    desk.show(View(*_what_to_register(service)))
    client_id = _one_line(desk.ask, "Client id: ")
    if not client_id:
        return None
    body: dict[str, str] = {"client_id": client_id}
    match service.token_endpoint_auth_method:
        case "none":
            return read_draft(ClientRegistration, body)
        case "private_key_jwt":
            question = "Private key (a JWK, one line): "
        case _:
            question = "Client secret: "
    # No local variable for the secret: tracebacks may show those.
    return read_draft(
        ClientRegistration,
        body | {"client_secret": _one_line(desk.ask_secret, question) or None},
    )


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
