"""Authorizations: from the local start link to sealed credentials.

The order is the defence. The address of the provider exists only from the moment the
browser of the person who began opens the local link; that browser gets a cookie (the
*binding*), and only it can finish. An attempt is used up before its code is spent.
"""

import dataclasses
import secrets as randomness
from collections.abc import Mapping

from .. import auth
from .._secret import Secret
from .._services import Service
from .._values import AskedWay, Authorization
from ..errors import InteractionRequired, InvalidInput, TooManyAttempts
from ..store import rows
from . import _devices
from ._at_once import keep_typed, obtain_now
from ._attempts import own_flow, state_of
from ._clients import client_if_used
from ._confirming import is_awaited
from ._credentials import definition_of
from ._known_services import filled_service, redirect_uri_of
from ._starting import start
from ._status import moment
from ._workshop import Workshop

FLOW_SECONDS = 600
_MOST_PENDING = 20
_TYPE_DIGITS = "The browser shows six digits: type them in the place of an address."


def begin(
    workshop: Workshop,
    connection: rows.Row,
    *,
    person: str,
    flow: AskedWay = "auto",
    typed: Mapping[str, Secret] | None = None,
) -> Authorization:
    """Open an attempt; where a browser is needed nothing leaves this machine yet.

    Args:
        workshop: Store, vault and the way out.
        connection: The connection's row.
        person: Who begins.
        flow: How consent is to be obtained; ``auto`` chooses and says why.
        typed: What the person typed, for authentication types that ask for a key.

    Raises:
        InteractionRequired: If no browser can come back to this process.
        RegistrationRequired: If the service has no client registration.
        TooManyAttempts: If the person began too many for the service just now.
    """
    _refuse_too_many(workshop, connection, person)
    service = filled_service(
        workshop, connection.service_id, rows.load_map(connection.parameters)
    )
    client_if_used(workshop, service)  # better now than after the browser has opened
    choice = _chosen(workshop, connection, service, flow)
    row = _opened(workshop, connection, service, choice, person=person)
    if typed and choice.flow != "none":
        keep_typed(workshop, row, service, typed)
    match choice.flow:
        case "none":
            obtain_now(workshop, row, service, typed or {})
        case "device":
            _devices.begin(workshop, row, service)
        case "paste":
            started = start(workshop, row.id, person=person, hopped=False)
            shown = look(workshop, row.id, person=person)
            return dataclasses.replace(shown, start_url=started.authorization_url)
    return look(workshop, row.id, person=person)


def _refuse_too_many(workshop: Workshop, connection: rows.Row, person: str) -> None:
    key, now = (person, connection.service_id), workshop.clock()
    if not workshop.begun.take(*key, now=now):
        raise TooManyAttempts.for_seconds(workshop.begun.wait(*key, now=now))


def _chosen(
    workshop: Workshop, connection: rows.Row, service: Service, flow: AskedWay
) -> auth.Choice:
    """Choose how consent is obtained, as asked for where that is possible."""
    usual = auth.choose_flow(
        service,
        can_come_back=workshop.settings.public_url is not None,
        browser_is_elsewhere=False,
    )
    if flow == "auto" or usual.flow == "none":
        if flow == "auto" and usual.flow == "paste":
            raise _no_way_back(connection)
        return usual
    if flow == "browser" and workshop.settings.public_url is None:
        raise _no_way_back(connection)
    if flow == "device" and service.device_authorization_endpoint is None:
        raise InvalidInput(
            f"{service.name} offers no code to type on another device",
            f"Run %conn authorize {connection.link_name}",
        )
    return auth.Choice(flow, "You asked for it")


def _no_way_back(connection: rows.Row) -> InteractionRequired:
    name = connection.link_name
    return InteractionRequired(
        f"Authorizing '{name}' needs a browser, and no Jupyter server with this "
        "extension is reachable from here",
        f"Open a notebook in JupyterLab and run %conn authorize {name}, or paste the "
        f"address yourself: %conn authorize {name} --flow paste",
    )


def _opened(
    workshop: Workshop,
    connection: rows.Row,
    service: Service,
    choice: auth.Choice,
    *,
    person: str,
) -> rows.Row:
    now, flow = workshop.clock(), randomness.token_urlsafe(24)
    with workshop.store.write() as tx:
        # Before, so that it is not the new one that goes.
        most = _MOST_PENDING - 1
        rows.trim_flows(tx, person, keep=most, ended_by=now - FLOW_SECONDS)
        rows.insert_flow(
            tx,
            id=flow,
            connection_id=connection.id,
            person=person,
            definition=service.model_dump_json(exclude_defaults=True),
            scopes=connection.scopes,
            redirect_uri=redirect_uri_of(workshop, service.id),
            device=rows.dump({"way": choice.flow, "why": f"{choice.reason}."}),
            progress="pending",
            hopped=False,
            created_at=now,
            expires_at=now + FLOW_SECONDS,
        )
        return rows.flow_row(tx, flow)


def look(workshop: Workshop, flow: str, *, person: str) -> Authorization:
    """Say how far an attempt is; other people's do not exist."""
    row = own_flow(workshop, flow, person)
    if row.progress == "pending" and "next_at" in row.device:
        row = _devices.ask_if_due(workshop, row)
    with workshop.store.read() as tx:
        connection = rows.connection_by_id(tx, row.connection_id)
    service = definition_of(row)
    state, error = state_of(workshop, row)
    base, device = workshop.settings.public_url, rows.load_map(row.device)
    opens = base and state == "pending" and device["way"] == "browser"
    return Authorization(
        flow=flow,
        state=state,
        link_name=connection.link_name,
        service=service.id,
        service_name=service.name,
        start_url=f"{base}start/{flow}" if opens else None,
        user_code=device.get("user_code"),
        verification_uri=device.get("verification_uri"),
        way=device["way"],  # type: ignore[arg-type]  # one of the four words: we wrote it
        why=_TYPE_DIGITS if is_awaited(device) else device["why"],
        expires_at=moment(row.expires_at),
        error=error,
        account=row.account,
        asked_scopes=rows.load_tuple(row.scopes),
        granted_scopes=rows.load_tuple(row.granted_scopes or "[]"),
    )


def cancel(workshop: Workshop, flow: str, *, person: str) -> None:
    """Give an attempt up."""
    own_flow(workshop, flow, person)
    with workshop.store.write() as tx:
        rows.update_flow(
            tx, flow, seen="pending", progress="denied", error="You cancelled it."
        )
