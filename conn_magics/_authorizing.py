"""Authorize a connection for whoever is there: a terminal, a notebook, or nobody."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from conn_core.errors import (
    ConnectionsError,
    InteractionRequired,
    RegistrationRequired,
)

from ._asking import (
    ask_address,
    ask_credentials,
    ask_registration,
    asks_for,
    nobody_consents,
)
from ._blocks import Note, Sentence
from ._views import View
from ._waiting import authorization_view, given_up, wait_until_done
from ._words import key_of

if TYPE_CHECKING:
    from conn_core import Authorization, Connection, ConnectionDraft, Service
    from conn_core._values import AskedWay

    from ._desk import Desk


_WITH_CLIENT = ("oauth1", "oauth2")


def service_of(desk: "Desk", connection: "Connection") -> "Service":
    """Return a connection's service with the blanks filled that it fills."""
    return _filled(desk.broker.service(connection.service), connection.parameters)


def _filled(service: "Service", parameters: dict[str, str]) -> "Service":
    try:
        return service.filled(parameters)
    except ValueError:
        return service  # the broker says what is wrong when it is used


def refuse_without_person(
    desk: "Desk",
    connection: "Connection",
    service: "Service",
    *,
    secret: Mapping[str, str] | None,
) -> None:
    """Refuse where somebody is needed and nobody is there.

    Raises:
        InteractionRequired: Unless all that is needed is at hand.
    """
    at_hand = secret is not None or desk.piped is not None or not asks_for(service)
    if desk.around.person or (nobody_consents(service) and at_hand):
        return
    name = connection.link_name
    raise InteractionRequired(
        f"This notebook runs without a user, and '{name}' needs someone to authorize it",
        f"Open a notebook and run %conn authorize {name}, then run the job again",
    )


def needs_form(service: "Service", *, secret: Mapping[str, str] | None) -> bool:
    """Tell whether something has to be typed before anything can begin."""
    unregistered = service.auth_type in _WITH_CLIENT and not service.registered
    return unregistered or (secret is None and bool(asks_for(service)))


def with_typed(desk: "Desk", draft: "ConnectionDraft") -> "ConnectionDraft":
    """Return a draft with what its service wants typed, where a terminal can ask."""
    from pydantic import SecretStr

    from conn_core import ConnectionDraft, read_draft

    service = desk.broker.service(draft.service)
    if not (desk.answers and nobody_consents(service) and asks_for(service)):
        return draft
    typed = ask_credentials(desk, _filled(service, draft.parameters))
    kept = {name: SecretStr(secret.reveal()) for name, secret in typed.items()}
    return read_draft(ConnectionDraft, draft.model_dump() | {"secret": kept})


def begin(
    desk: "Desk",
    connection: "Connection",
    service: "Service",
    *,
    flow: "AskedWay",
    secret: Mapping[str, str] | None,
) -> "Authorization":
    """Begin; at a terminal, ask for what is typed and for a missing registration.

    Raises:
        ConnectionsError: If it cannot begin.
    """
    secret = None if secret is None else _Revealed(secret)
    if asks_for(service) and secret is None:
        typed = ask_credentials(desk, service)
        secret = _Revealed({name: each.reveal() for name, each in typed.items()})
    name, broker = key_of(connection), desk.broker
    try:
        return broker.authorize(name, flow=flow, secret=secret)
    except RegistrationRequired:
        if not desk.answers:
            raise
        registration = ask_registration(desk, service)
        if registration is None:
            raise
        broker.register_client(service.id, registration)
    return broker.authorize(name, flow=flow, secret=secret)


class _Revealed(dict[str, str]):
    """What was typed, on its way to the broker; no traceback shows it."""

    def __repr__(self) -> str:
        return f"<{len(self)} secrets>"


def follow(
    desk: "Desk",
    authorization: "Authorization",
    *,
    wait: bool,
    timeout: float | None,
) -> View:
    """Show how far it is, and stay with it as long as it needs somebody here.

    Args:
        desk: How to show and ask.
        authorization: What has begun.
        wait: Wait for the browser too.
        timeout: Seconds to wait.
    """
    view = authorization_view(authorization)
    if authorization.state != "pending":
        return view
    if desk.open_link and authorization.start_url:
        desk.open_link(authorization.start_url)
    # Only while somebody asks is the service asked whether a code was entered.
    stays = wait or desk.around.command or authorization.way == "device"
    if not (stays or authorization.way == "paste"):
        return view
    desk.show(view)
    return authorization_view(_ended(desk, authorization, timeout=timeout))


def _ended(
    desk: "Desk", authorization: "Authorization", *, timeout: float | None
) -> "Authorization":
    try:
        if authorization.way == "paste":
            return ask_address(desk, authorization)
        return wait_until_done(desk, authorization, timeout=timeout)
    except KeyboardInterrupt:
        if not desk.around.command:
            return authorization  # the person has seen enough; the link works on
        desk.broker.cancel(authorization.flow)
        return given_up(authorization)


def connected_view(desk: "Desk", connection: "Connection") -> View:
    """Say that a connection works, and where it does not after all, why."""
    name = connection.link_name
    who = f" as {connection.account}" if connection.account else ""
    service = service_of(desk, connection)
    sentence = Sentence(f"'{name}' is connected{who}", "ok")
    if not nobody_consents(service):
        return View(sentence, data=connection.to_json())
    if service.auth_type == "oauth2":
        how = f"{service.name} gave a token to the client alone; it renews itself"
        return View(sentence, Note(how), data=connection.to_json())
    # What was typed was shown to nobody yet: a wrong key would look like a right one.
    problem = _problem_of(desk, key_of(connection)) if service.test_path else ""
    if not problem:
        return View(sentence, data=connection.to_json())
    return View(
        Sentence(f"What you typed for '{name}' is stored. But: {problem}", "todo"),
        Note(
            f"Check it, and enter it again if it is not right: %conn authorize {name}"
        ),
        data=connection.to_json(),
        outcome="failed",
    )


def _problem_of(desk: "Desk", name: str) -> str:
    try:
        tested = desk.broker.test(name)
    except ConnectionsError as error:
        return error.message
    return "" if tested.ok else tested.message
