"""Begin an authorization: type what is asked for, fetch a token, or open a page."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from conn_core import Authorization, Connection, Service
from conn_core.errors import ConnectionsError, InteractionRequired
from conn_core.look import sentence, spoken

from ._authorize import AuthorizeScreen, why_ended
from ._credentials import Typed, nobody_consents
from ._journey import Journey
from ._outcome import DoneScreen, EndedScreen
from ._typing import CredentialsScreen, is_asked

if TYPE_CHECKING:
    from conn_core._values import AskedWay


def start_authorization(
    journey: Journey, about: Authorization | Connection, *, flow: "AskedWay" = "auto"
) -> None:
    """Begin an authorization and show it; where it cannot begin, show why.

    Args:
        journey: Where to show it, whom to ask, where it leads.
        about: The connection, or an earlier attempt for it.
        flow: How consent is obtained; ``auto`` lets the broker choose.
    """
    start = _Start(journey, about, flow)
    try:
        connection = journey.broker.connection(about.link_name)
        service = service_of(journey, connection)
    except ConnectionsError as error:
        start.show_problem(error)
        return
    if is_asked(service):
        journey.stage.show(
            CredentialsScreen(
                journey,
                connection,
                service,
                ask=start.ask,
                on_begun=lambda begun: start.show(begun, service),
            )
        )
    else:
        start.begin(service, None)


def show_authorization(
    journey: Journey, authorization: Authorization, service: Service
) -> None:
    """Show an attempt that has begun, or how it ended."""
    _Start(journey, authorization, "auto").show(authorization, service)


def show_connected(journey: Journey, connection: Connection, service: Service) -> None:
    """Show a connection that works."""
    _Start(journey, connection, "auto").show_done(connection, service)


def service_of(journey: Journey, connection: Connection) -> Service:
    """Return a connection's service with the blanks filled that it fills."""
    service = journey.broker.service(connection.service)
    try:
        return service.filled(connection.parameters)
    except ValueError:
        return service  # the broker says what is wrong when it is used


class _Start:
    """One beginning: what to do again when it comes to nothing.

    Args:
        journey: Where to show it, whom to ask, where it leads.
        about: The connection, or an earlier attempt for it.
        flow: How consent is obtained.
    """

    def __init__(
        self, journey: Journey, about: Authorization | Connection, flow: "AskedWay"
    ) -> None:
        self._journey = journey
        self._about = about
        self._flow = flow

    def begin(self, service: Service, typed: Typed | None) -> None:
        """Ask the broker to begin."""
        try:
            authorization = self.ask(typed)
        except ConnectionsError as error:
            self.show_problem(error)
            return
        self.show(authorization, service)

    def ask(self, typed: Typed | None) -> Authorization:
        """Ask the broker to begin.

        Raises:
            ConnectionsError: If it cannot begin.
        """
        return self._journey.broker.authorize(
            self._about.link_name,
            flow=self._flow,
            # No local variable for the secrets: tracebacks may show those.
            secret=None if typed is None else {n: s.reveal() for n, s in typed.items()},
        )

    def show(self, authorization: Authorization, service: Service) -> None:
        """Show how far an attempt is."""
        journey = self._journey
        match authorization.state:
            case "done":
                self._connected(authorization, service)
            case "pending":
                journey.stage.show(
                    AuthorizeScreen(
                        journey,
                        authorization,
                        service,
                        again=self._again,
                        on_connected=lambda seen: self._connected(seen, service),
                    )
                )
            case _:
                self._show_ended(why_ended(authorization), "Nothing was stored.")

    def show_problem(self, error: ConnectionsError) -> None:
        """Show why it cannot begin; where no browser comes back, another way is offered."""
        no_way_back = isinstance(error, InteractionRequired) and self._flow == "auto"
        other: dict[str, Callable[[], None]] = (
            {"Paste the address instead": lambda: self._again("paste")}
            if no_way_back
            else {}
        )
        self._show_ended(*spoken(error), other_ways=other)

    def show_done(self, connection: Connection, service: Service) -> None:
        """Show that it works, and how to use it."""
        self._journey.stage.show(
            DoneScreen(
                connection,
                service,
                said=_how_it_came(service),
                tested=_answer_of(self._journey, connection, service),
                again=self._again,
                on_done=self._journey.finish,
            )
        )

    def _connected(self, seen: Authorization, service: Service) -> None:
        try:
            connection = self._journey.broker.connection(seen.link_name)
        except ConnectionsError as error:
            self._show_ended(*spoken(error))
            return
        self.show_done(connection, service)

    def _again(self, flow: "AskedWay | None" = None) -> None:
        start_authorization(self._journey, self._about, flow=flow or self._flow)

    def _show_ended(
        self,
        what: str,
        then: str,
        *,
        other_ways: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:
        self._journey.stage.show(
            EndedScreen(
                self._about,
                step=self._journey.step,
                what=what,
                then=then,
                again=self._again,
                on_close=lambda: self._journey.give_up(self._about.link_name),
                other_ways=other_ways or {},
            )
        )


def _how_it_came(service: Service) -> str:
    """Say how a credential was obtained where no page opened."""
    if not nobody_consents(service):
        return ""
    if service.auth_type == "oauth2":
        return f"{service.name} gave a token to the client alone; it renews itself."
    return "What you typed is stored sealed."


def _answer_of(journey: Journey, connection: Connection, service: Service) -> str:
    """Return why a credential that was typed does not work, by one harmless call.

    What was typed was shown to nobody yet: a wrong key would look like a right one.
    """
    is_typed = nobody_consents(service) and service.auth_type != "oauth2"
    if not is_typed or service.test_path is None:
        return ""
    try:
        tested = journey.broker.test(connection.link_name)
    except ConnectionsError as error:
        return sentence(error.message)
    return "" if tested.ok else sentence(tested.message)
