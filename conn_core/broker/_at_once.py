"""Credentials that nobody has to consent to, and keys that are typed beside a consent."""

from collections.abc import Mapping

from .. import auth
from .._secret import Secret
from .._services import Service
from ..errors import ConnectionsError, InvalidInput
from ..store import rows
from ._clients import client_if_used
from ._obtaining import close, keep, seal_flow, use_up
from ._workshop import Workshop


def keep_typed(
    workshop: Workshop, row: rows.Row, service: Service, typed: Mapping[str, Secret]
) -> None:
    """Seal what was typed until the person has consented, too."""
    secrets = {name: secret.reveal() for name, secret in typed.items()}
    with workshop.store.write() as tx:
        rows.update_flow(
            tx,
            row.id,
            seen="pending",
            sealed=seal_flow(workshop, row, service, secrets),
        )


def obtain_now(
    workshop: Workshop, row: rows.Row, service: Service, typed: Mapping[str, Secret]
) -> None:
    """Obtain a credential that nobody has to consent to; the attempt says how it ended.

    Raises:
        InvalidInput: If what was typed cannot be used.
    """
    attempt = auth.Attempt(
        scopes=rows.load_tuple(row.scopes), now=workshop.clock(), typed=typed
    )
    use_up(workshop, row)
    steps = auth.auth_type(service.auth_type).begin(
        service, client_if_used(workshop, service), attempt
    )
    try:
        made = workshop.drive(steps)
        if isinstance(made, auth.TokenSet):
            keep(workshop, row, service, made, asked_at=attempt.now)
    except auth.GrantEnded as error:
        close(workshop, row, "failed", f"{service.name} refused ({error.code}).")
    except InvalidInput as error:
        close(workshop, row, "failed", str(error))
        raise
    except ConnectionsError as error:
        close(workshop, row, "failed", str(error))
