"""What a person types so that a connection can work: credentials, a registration."""

from typing import TYPE_CHECKING, NamedTuple

import conn_core
from conn_core import auth
from conn_core.errors import InvalidInput

from ._form import Form

if TYPE_CHECKING:
    from conn_core import (
        ClientRegistration,
        CredentialField,
        Service,
        ServiceParameter,
    )
    from conn_core.broker import Broker

_SEALED = "Stored sealed. It cannot be shown again."
_NEEDED = "is needed"
#: The button that lets a service register a client (RFC 7591).
AUTOMATICALLY = "register-automatically"
_OAUTH = ("oauth1", "oauth2")


class Entry(NamedTuple):
    """A field to type into.

    Attributes:
        name: As errors call it.
        label: What stands above it.
        kind: ``code``, ``password`` or ``choice``.
        default: What it begins with.
        help: A sentence below.
        example: Shown while it is empty.
        choices: What can be chosen.
    """

    name: str
    label: str
    kind: str = "code"
    default: str = ""
    help: str = ""
    example: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def asks_for(service: "Service") -> "tuple[CredentialField, ...]":
    """Return what a service wants typed."""
    return auth.auth_type(service.auth_type).asks_for(service)


def nobody_consents(service: "Service") -> bool:
    """Tell whether a connection to this service opens no page anywhere."""
    choice = auth.choose_flow(service, can_come_back=True, browser_is_elsewhere=False)
    return choice.flow == "none"


def needs_registration(service: "Service") -> bool:
    """Tell whether a service wants a client registration and has none."""
    return service.auth_type in _OAUTH and not service.registered


def has_redirect(service: "Service") -> bool:
    """Tell whether the person's browser comes back from this service."""
    return service.auth_type == "oauth1" or service.grant_type == "authorization_code"


def client_alone(service: "Service") -> bool:
    """Tell whether the service knows the client and no person."""
    return service.auth_type == "oauth2" and service.grant_type == "client_credentials"


# --- credentials --------------------------------------------------------------------------


def credential_entries(service: "Service") -> list[Entry]:
    """Return the fields of a service's credentials."""
    return [_credential(field) for field in asks_for(service)]


def typed_credentials(service: "Service", form: Form) -> dict[str, str]:
    """Return what was typed, by credential field.

    Raises:
        InvalidInput: If something that is needed is missing.
    """
    found = {
        field.name: form.secret(f"secret.{field.name}") for field in asks_for(service)
    }
    missing = {
        f"secret.{field.name}": _NEEDED
        for field in asks_for(service)
        if not (found[field.name] or field.optional or field.default)
    }
    refuse(missing)
    return {name: secret.reveal() for name, secret in found.items() if secret}


def sent_to(service: "Service") -> str:
    """Say who gets what is typed."""
    known = [host for host in service.api_hosts if "{" not in host]
    return ", ".join(known) or service.name


def _credential(field: "CredentialField") -> Entry:
    left_out = "May be left empty." if field.optional or field.default else ""
    said = [_sentence(field.help), left_out, _SEALED if field.secret else ""]
    return Entry(
        name=f"secret.{field.name}",
        label=field.display_name or _words(field.name),
        kind="password" if field.secret else "code",
        default="" if field.secret else field.default,
        help=" ".join(filter(None, said)),
    )


# --- the service's own parameters ---------------------------------------------------------


def parameter_entries(service: "Service") -> list[Entry]:
    """Return the fields of the blanks that a person fills."""
    return [_parameter(each) for each in _persons(service)]


def typed_parameters(service: "Service", form: Form) -> dict[str, str]:
    """Return what was typed, by parameter.

    Raises:
        InvalidInput: If something is not accepted.
    """
    found = {
        each.name: form.text(f"parameters.{each.name}") for each in _persons(service)
    }
    refuse(
        {
            f"parameters.{each.name}": f"must be like {each.example or each.pattern}"
            for each in _persons(service)
            if not each.accepts(found[each.name] or each.default)
        }
    )
    return found


def _persons(service: "Service") -> "list[ServiceParameter]":
    return [each for each in service.parameters if each.filled_by == "person"]


def _parameter(each: "ServiceParameter") -> Entry:
    trust = (
        "Your credentials are sent to this host: it must be one that you trust."
        if each.names_host
        else ""
    )
    return Entry(
        name=f"parameters.{each.name}",
        label=each.display_name or _words(each.name),
        kind="choice" if each.choices else "code",
        default=each.default,
        help=" ".join(filter(None, [_sentence(each.help), trust])),
        example=f"For example {each.example}" if each.example else "",
        choices=tuple((choice, choice) for choice in each.choices),
    )


# --- the client registration --------------------------------------------------------------


def registration_intro(service: "Service") -> str:
    """Say where a client registration comes from."""
    name = service.name
    register = (
        f"Register this redirect URL with {name}"
        if has_redirect(service)
        else f"Register a client with {name}"
    )
    usual = f"{register}, then enter what {name} gives you."
    return service.registration_help or usual


def registration_entries(service: "Service", *, kept: bool = False) -> list[Entry]:
    """Return the fields of a client registration.

    Args:
        service: Whose.
        kept: There is one already, and a secret that is left blank is kept.
    """
    found = [Entry("client_id", "Client id")]
    if service.token_endpoint_auth_method == "none":
        return found
    by_key = service.token_endpoint_auth_method == "private_key_jwt"
    empty = "Left blank, the one that is there is kept. " if kept else ""
    secret = Entry(
        "client_secret",
        "Private key" if by_key else "Client secret",
        kind="lines" if by_key else "password",
        help=empty + _SEALED,
        example="PEM or JWK" if by_key else "",
    )
    return [*found, secret]


def typed_registration(
    service: "Service", form: Form, *, kept: bool = False
) -> "ClientRegistration":
    """Return the client registration that was typed.

    Raises:
        InvalidInput: If it cannot be one.
    """
    has_secret = service.token_endpoint_auth_method != "none"
    secret = form.secret("client_secret")
    if has_secret and secret is None and not kept:
        conn_core.read_draft(
            conn_core.ClientRegistration, {"client_id": form.text("client_id")}
        )
        refuse({"client_secret": _NEEDED})
    return conn_core.read_draft(
        conn_core.ClientRegistration,
        {
            "client_id": form.text("client_id"),
            "client_secret": secret.reveal() if secret else None,
        },
    )


def register(broker: "Broker", service: "Service", form: Form) -> None:
    """Keep what was typed of a client registration, if it is asked for."""
    if needs_registration(service):
        broker.register_client(service.id, typed_registration(service, form))


def nothing_typed(name: str, default: str = "") -> str:  # noqa: ARG001 - like Form.text
    """Return what a field begins with."""
    return default


def refuse(wrong: dict[str, str]) -> None:
    """Raise what is wrong with fields, if anything is.

    Raises:
        InvalidInput: With a text for each field.
    """
    if wrong:
        raise InvalidInput("Some fields are not filled in right", fields=wrong)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "?")) else f"{text}."
