"""``import conn_magics as cm``: services as functions."""

from typing import TYPE_CHECKING, Any

from ._desk import Desk
from ._holder import HOLDER
from ._service_members import changed, completed

if TYPE_CHECKING:
    import conn_core

    from ._views import ListView


def services(
    query: str = "", *, predefined: bool | None = None, category: str | None = None
) -> "ListView[conn_core.Service]":
    """Search the services one can connect to; shows itself as a table.

    Args:
        query: Part of a name or category.
        predefined: Only those that ship, or only those people made here.
        category: Only of this category.
    """
    from ._verbs import _services

    return _services.services(
        Desk(), query=query, predefined=predefined, category=category
    )


def service(service_id: str) -> "conn_core.Service":
    """Return a service: addresses, scopes, hosts, and whether it is registered.

    Args:
        service_id: The service's id.

    Raises:
        ServiceNotFound: If there is none.
    """
    return HOLDER.broker.service(service_id)


def create_service(**members: Any) -> "conn_core.Service":
    """Describe a service of your own; everybody here can connect to it.

    Args:
        members: Its description: ``name``, ``api_base_url``, ``token_endpoint``,
            ``scopes`` and so on, as ``service`` returns them; ``client_id`` and
            ``client_secret`` of its client registration. Read a secret from where it is
            kept, such as ``getpass.getpass()``: what is written in a cell is in the
            notebook.

    Raises:
        InvalidInput: With a text for each member that is wrong; nothing was stored.
        NameTaken: If a service has this id.

    Examples:
        >>> cm.create_service(
        ...     name="Acme CRM",
        ...     auth_type="api_key",
        ...     api_base_url="https://api.acme.example/v2",
        ... )
    """
    from conn_core import ServiceDraft, read_draft

    return HOLDER.broker.create_service(read_draft(ServiceDraft, completed(members)))


def edit_service(
    service_id: str, *, wipe_credentials: bool = False, **changes: Any
) -> "conn_core.Service":
    """Change a service of your own.

    Args:
        service_id: The service's id; it never changes.
        wipe_credentials: Where addresses or hosts change that live credentials are
            bound to, end these credentials instead of refusing.
        changes: The members that change, as ``create_service`` takes them. A client
            secret that is left out is kept.

    Raises:
        CredentialsAtStake: If live credentials are bound to what would change.
        NotAllowed: If it is somebody else's, or ships with us.
        VersionConflict: If somebody else changed it at the same moment.
    """
    from conn_core import ServiceDraft, read_draft

    before = HOLDER.broker.service(service_id)
    return HOLDER.broker.edit_service(
        before.id,
        read_draft(ServiceDraft, changed(before, changes)),
        version=before.version,
        wipe_credentials=wipe_credentials,
    )


def delete_service(service_id: str) -> None:
    """Delete a service of your own that no connection uses. Asks nothing.

    Args:
        service_id: The service's id.

    Raises:
        Conflict: If connections use it; they are named.
        NotAllowed: If it is somebody else's, or ships with us.
    """
    HOLDER.broker.delete_service(service_id)


def propose_service(
    *, issuer: str | None = None, openapi: str | None = None, toml: str | None = None
) -> "conn_core.ServiceProposal":
    """Learn about a service from exactly one source; nothing is stored.

    Args:
        issuer: An authorization server that describes itself.
        openapi: An OpenAPI document.
        toml: A service that ``export_service`` wrote.

    Returns:
        What ``create_service`` takes, as ``service``, and what there is to know, as
        ``notes``.
    """
    return HOLDER.broker.propose_service(issuer=issuer, openapi=openapi, toml=toml)


def export_service(service_id: str) -> str:
    """Return a service as TOML; it holds no secret.

    Args:
        service_id: The service's id.
    """
    from conn_core import service_to_toml

    return service_to_toml(HOLDER.broker.service(service_id))


def import_service(toml: str) -> "conn_core.Service":
    """Describe a service as an exported text does.

    Args:
        toml: What ``export_service`` wrote.
    """
    return create_service(**propose_service(toml=toml).service)


def register_service(
    service_id: str,
    *,
    client_id: str = "",
    client_secret: str | None = None,
    automatic: bool = False,
) -> "conn_core.Service":
    """Enter the client id and secret of a service, for everybody here.

    Args:
        service_id: The service's id.
        client_id: What the service's operator issued.
        client_secret: Its secret; kept as it is when left out.
        automatic: Let the service make a registration, where it can.
    """
    from conn_core import ClientRegistration, read_draft

    if automatic:
        return HOLDER.broker.register_automatically(service_id)
    # No local variable for what is read: tracebacks may show those.
    return HOLDER.broker.register_client(
        service_id,
        read_draft(
            ClientRegistration, {"client_id": client_id, "client_secret": client_secret}
        ),
    )
