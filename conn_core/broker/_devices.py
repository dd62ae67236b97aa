"""Consent by a code that is typed on another device (RFC 8628).

The provider is asked when somebody asks us, and never before its time: an attempt that
nobody waits for ends by itself.
"""

from dataclasses import asdict
from typing import Any

from .. import auth
from .._secret import Secret
from .._services import Service
from ..errors import AuthorizationFailed, ConnectionsError, ProviderUnavailable
from ..store import rows
from ._clients import client_for
from ._credentials import definition_of
from ._obtaining import close, keep, open_flow, seal_flow, use_up
from ._workshop import Workshop


def begin(workshop: Workshop, row: rows.Row, service: Service) -> None:
    """Fetch a code and note when to ask for the first time.

    Raises:
        AuthorizationFailed: If the provider refused to give one.
    """
    now = workshop.clock()
    attempt = auth.Attempt(scopes=rows.load_tuple(row.scopes), now=now, device=True)
    steps = auth.auth_type(service.auth_type).begin(
        service, client_for(workshop, service), attempt
    )
    try:
        code = workshop.drive(steps)
    except auth.GrantEnded as error:
        problem = f"{service.name} refused to give a code ({error.code})"
        close(workshop, row, "failed", f"{problem}.")
        raise AuthorizationFailed(problem, "Try another way") from None
    except ConnectionsError as error:
        close(workshop, row, "failed", str(error))
        raise
    assert isinstance(code, auth.DeviceCode)  # noqa: S101 - asked for a device
    sealed = seal_flow(
        workshop, row, service, {"device_code": code.device_code.reveal()}
    )
    shown = {
        **rows.load_map(row.device),
        "user_code": code.user_code,
        "verification_uri": code.verification_uri,
        "is_of_provider": code.is_of_provider,
        **asdict(auth.Polling.of(code, now=now)),
    }
    with workshop.store.write() as tx:
        rows.update_flow(
            tx,
            row.id,
            seen="pending",
            sealed=sealed,
            device=rows.dump(shown),
            expires_at=code.expires_at,
        )


def ask_if_due(workshop: Workshop, row: rows.Row) -> rows.Row:
    """Ask the provider whether the code was typed, if its time has come."""
    now, device = workshop.clock(), rows.load_map(row.device)
    if now >= float(device["next_at"]):
        with workshop.gates.only_one(row.id):
            _ask(workshop, row, device, now=now)
    with workshop.store.read() as tx:
        return rows.flow_row(tx, row.id)


def _ask(
    workshop: Workshop, row: rows.Row, device: dict[str, Any], *, now: float
) -> None:
    service = definition_of(row)
    polling = auth.Polling(**{n: device[n] for n in _POLLING})
    code = Secret(open_flow(workshop, row, service)["device_code"])
    request = auth.poll_request(
        service, client_for(workshop, service), device_code=code, now=now
    )
    then: auth.Polling | auth.Ended | auth.TokenSet
    try:
        answer = workshop.send(request)
    except ProviderUnavailable:
        then = polling.unanswered(now=now)
    else:
        then = polling.answered(service, request, answer, now=now)
    if isinstance(then, auth.Polling):
        with workshop.store.write() as tx:
            rows.update_flow(
                tx, row.id, seen="pending", device=rows.dump(device | asdict(then))
            )
    elif isinstance(then, auth.Ended):
        close(workshop, row, then.state, f"{then.reason}.")
    elif use_up(workshop, row):
        keep(workshop, row, service, then, asked_at=now)


_POLLING = ("next_at", "interval", "expires_at", "silences")
