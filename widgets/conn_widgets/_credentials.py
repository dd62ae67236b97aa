"""What a person types to prove who they are: fields, and how secrets are handed over."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import ipywidgets

from conn_core import CredentialField, Secret, Service
from conn_core.auth import auth_type, choose_flow
from conn_core.errors import InvalidInput
from conn_core.look import sentence

from . import _html
from ._fields import Field, SecretField
from ._stage import boxed

Typed = dict[str, Secret]
_SEALED = "Stored sealed. It cannot be shown again."


def asks_for(service: Service) -> tuple[CredentialField, ...]:
    """Return what a service wants typed."""
    return auth_type(service.auth_type).asks_for(service)


def nobody_consents(service: Service) -> bool:
    """Tell whether a connection to this service opens no page anywhere."""
    choice = choose_flow(service, can_come_back=True, browser_is_elsewhere=False)
    return choice.flow == "none"


def hand_over_all(
    fields: Mapping[str, SecretField], take: Callable[[Typed], None]
) -> None:
    """Ask for several secrets; take them once all have come, each once.

    Args:
        fields: The fields that are filled.
        take: Gets what was typed. Nothing is kept here.
    """
    found: Typed = {}

    def keep(name: str, secret: Secret) -> None:
        found[name] = secret
        if len(found) == len(fields):
            take(found)

    if not fields:
        take(found)
    for name, field in fields.items():
        field.hand_over(partial(keep, name))


class CredentialFields:
    """The fields of an authentication type, under one heading.

    Args:
        service: Who wants them.
        hosts: Where they will be sent; empty while it is not known.

    Attributes:
        fields: By the names that errors use: ``secret.api_key``.
        box: What is shown.
    """

    def __init__(self, service: Service, *, hosts: tuple[str, ...] = ()) -> None:
        self._asked = asks_for(service)
        self.fields: dict[str, Field | SecretField] = {
            f"secret.{each.name}": _field(each) for each in self._asked
        }
        head = ipywidgets.HTML(_html.group_head("Credentials", _where(service, hosts)))
        self.box = boxed([head, *self.fields.values()], "conn-group")

    @property
    def labels(self) -> str:
        """What is asked for, in words."""
        return ", ".join(field.label for field in self.fields.values())

    @property
    def secrets(self) -> dict[str, SecretField]:
        """The secret fields in which something is typed."""
        return {
            name: field
            for name, field in self.fields.items()
            if isinstance(field, SecretField) and field.filled
        }

    def wrong(self) -> dict[str, str]:
        """Return what is missing, by field, before any secret leaves the browser."""
        return {
            f"secret.{each.name}": "is needed"
            for each in self._asked
            if not (each.optional or each.default)
            and not _is_filled(self.fields[f"secret.{each.name}"])
        }

    def typed(self, secrets: Typed) -> Typed:
        """Return all that was typed, by credential field.

        Args:
            secrets: What was handed over, by the names that errors use.
        """
        found = {
            name: Secret(field.value)
            for name, field in self.fields.items()
            if isinstance(field, Field) and field.value.strip()
        }
        found |= {name: s for name, s in secrets.items() if name in self.fields}
        return {name.removeprefix("secret."): s for name, s in found.items()}


def refuse_if_wrong(wrong: Mapping[str, str]) -> None:
    """Raise what is wrong with fields, if anything is.

    Raises:
        InvalidInput: With a text for each field.
    """
    if wrong:
        raise InvalidInput("Some fields are not filled in right", fields=wrong)


def put_beside(fields: Mapping[str, Any], problems: Mapping[str, str]) -> bool:
    """Show what was refused beside the fields that it is about.

    Args:
        fields: The fields that are shown, by the names that errors use.
        problems: What an error says of which field.

    Returns:
        Whether that says all of it.
    """
    elsewhere = not problems
    for name, problem in problems.items():
        field = fields.get(name) or fields.get(name.partition(".")[0])
        if field is None:
            elsewhere = True
        else:
            field.error = sentence(problem)
    return not elsewhere


def _field(asked: CredentialField) -> Field | SecretField:
    label = asked.display_name or asked.name.replace("_", " ").capitalize()
    left_out = "May be left empty." if asked.optional or asked.default else ""
    said = [sentence(asked.help) if asked.help else "", left_out]
    if asked.secret:
        return SecretField(label=label, help=" ".join(filter(None, [*said, _SEALED])))
    return Field(
        label=label,
        kind="code",
        value=asked.default,
        help=" ".join(filter(None, said)),
    )


def _is_filled(field: Field | SecretField) -> bool:
    if isinstance(field, SecretField):
        return bool(field.filled)
    return bool(field.value.strip())


def _where(service: Service, hosts: tuple[str, ...]) -> str:
    known = [host for host in hosts or service.api_hosts if "{" not in host]
    if not known:
        return f"What you type here is sent to {service.name} only."
    return f"What you type here is sent to {', '.join(known)} only."
