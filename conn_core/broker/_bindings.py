"""What each sealed row is bound to: for whoever seals all of them anew."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ..store import rows
from ._auditing import binding_of_secret
from ._clients import registration_binding
from ._credentials import CredentialPlace, credential_binding, definition_of
from ._known_services import known_service
from ._obtaining import flow_binding
from ._workshop import Workshop


def binding_of(workshop: Workshop, table: str, row: rows.Row) -> Sequence[str]:
    """Return what a sealed row is bound to.

    Args:
        workshop: Knows the services.
        table: The table, as the store names it.
        row: The row.

    Raises:
        Tampered: If the service that it names was changed outside of this program.
    """
    return _OF[table](workshop, row)


def _of_credential(_: Workshop, row: rows.Row) -> Sequence[str]:
    place = CredentialPlace(row.connection_id, row.id, row.holder, row.generation)
    return credential_binding(definition_of(row), place)


def _of_registration(workshop: Workshop, row: rows.Row) -> Sequence[str]:
    service = known_service(workshop, row.service_id)
    if service is None:  # one that shipped, and does not any more
        return ("registrations", "sealed_secret", row.service_id, row.client_id)
    return registration_binding(service, row.client_id)


def _of_flow(_: Workshop, row: rows.Row) -> Sequence[str]:
    return flow_binding(row, definition_of(row))


def _of_deployment(_: Workshop, row: rows.Row) -> Sequence[str]:
    return binding_of_secret(row.name)


_OF: Final[Mapping[str, Callable[[Workshop, rows.Row], Sequence[str]]]] = (
    MappingProxyType(
        {
            "secrets": _of_credential,
            "registrations": _of_registration,
            "flows": _of_flow,
            "deployment_secrets": _of_deployment,
        }
    )
)
