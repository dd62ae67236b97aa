"""Authorize: a link to open, waiting, and how it ended."""

import contextlib
import threading
from collections.abc import Callable
from datetime import datetime

import ipywidgets

from conn_core import Authorization, Connection
from conn_core.broker import Broker
from conn_core.errors import AuthorizationNotFound, ConnectionsError

from ._fields import CopyField, OpenLink, Waiting
from ._outcome import Connected, DoneScreen, EndedScreen, authorize_title
from ._stage import Screen, Stage, button, panel
from ._words import now, sentence, spoken

Step = Callable[[], bool]
Watch = Callable[[Step, float], None]

_LONGEST = 3600.0


def watch_in_background(step: Step, interval: float) -> None:
    """Take a step again and again until it says that it was the last.

    A thread, not a task of the event loop: also while a cell runs the form moves on.
    """
    pause = threading.Event()

    def run() -> None:
        while not step():
            pause.wait(interval)

    threading.Thread(target=run, name="conn-widgets-watch", daemon=True).start()


class AuthorizeScreen(Screen):
    """Waits for somebody to sign in at the service, and shows how it ended.

    Args:
        stage: Where the end is shown.
        broker: Whom to ask.
        authorization: The attempt.
        step: Which step of how many it is, when it is one.
        on_done: Gets the connection when *Done* is pressed.
        on_close: Called when the form is given up.
        watch: Takes the steps; tests take them by hand.
        clock: Tells the time.
    """

    focus = ".conn-open"

    def __init__(
        self,
        stage: Stage,
        broker: Broker,
        authorization: Authorization,
        *,
        step: str = "",
        on_done: Connected | None = None,
        on_close: Callable[[], None] | None = None,
        watch: Watch = watch_in_background,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._stage = stage
        self._broker = broker
        self._authorization = authorization
        self._step = step
        self._on_done = on_done
        self._on_close = on_close
        self._watch = watch
        self._clock = clock
        self._over = threading.Lock()
        self._deadline = _seconds_left(authorization, clock())
        self.waiting = Waiting(
            words=f"Waiting for {authorization.service_name}", seconds=self._deadline
        )
        self.panel = self._build()
        watch(self.look, max(1, authorization.interval))

    def look(self) -> bool:
        """Ask how far it is.

        Returns:
            Whether there is nothing left to wait for.
        """
        if self._over.locked():
            return True
        try:
            seen = self._broker.authorization(self._authorization.flow)
        except AuthorizationNotFound as error:
            what, then = spoken(error)
            self._finish(lambda: self._show_ended(what, then))
            return True
        except ConnectionsError as error:
            self.waiting.trouble = f"{sentence(error.message)} Still trying."
            return False
        if seen.state == "pending":
            self.waiting.trouble = ""
            return False
        self._finish(lambda: self._show_end(seen))
        return True

    def cancel(self) -> None:
        """Give the attempt up."""
        if not self._over.acquire(blocking=False):
            return
        # Where the broker is out of reach it ends by itself; the person has gone on.
        with contextlib.suppress(ConnectionsError):
            self._broker.cancel(self._authorization.flow)
        self._give_up()

    def text(self) -> str:
        """Say what to open, and how to see the outcome."""
        name = self._authorization.link_name
        return (
            f"Authorize {self._authorization.service_name}\n"
            f"  Open this address in your browser, sign in and allow access:\n"
            f"  {self._authorization.start_url or '(no address)'}\n"
            f"  Then see %conn status {name}"
        )

    def leave(self) -> None:
        """Stop looking."""
        self._over.acquire(blocking=False)
        super().leave()

    def _finish(self, show: Callable[[], None]) -> None:
        if self._over.acquire(blocking=False):
            show()

    def _build(self) -> ipywidgets.VBox:
        service = self._authorization.service_name
        address = self._authorization.start_url or ""
        lede = f"Sign in at {service} and allow access. This form continues by itself."
        return panel(
            head=[
                authorize_title(
                    self._authorization, lede=f"{self._step} {lede}".strip()
                )
            ],
            body=[
                OpenLink(href=address, label=f"Open {service}"),
                CopyField(
                    label="Or copy this address",
                    note="only your browser can use it, once",
                    text=address,
                    what="address",
                ),
                self.waiting,
            ],
            foot=[button("Cancel", self.cancel, kind="cancel")],
            hint="You can close this form. "
            f"%conn authorize {self._authorization.link_name} opens it again.",
        )

    def _show_end(self, seen: Authorization) -> None:
        if seen.state != "done":
            why = sentence(seen.error or _WHY[seen.state].format(seen.service_name))
            self._show_ended(why, "Nothing was stored.")
            return
        try:
            connection = self._broker.connection(seen.link_name)
            service = self._broker.service(connection.service)
        except ConnectionsError as error:
            self._show_ended(*spoken(error))
            return
        self._stage.show(
            DoneScreen(connection, service, again=self._again, on_done=self._done)
        )

    def _show_ended(self, what: str, then: str) -> None:
        self._stage.show(
            EndedScreen(
                self._authorization,
                step=self._step,
                what=what,
                then=then,
                again=self._again,
                on_close=self._give_up,
            )
        )

    def _again(self) -> None:
        start_authorization(
            self._stage,
            self._broker,
            self._authorization,
            step=self._step,
            on_done=self._on_done,
            on_close=self._on_close,
            watch=self._watch,
            clock=self._clock,
        )

    def _done(self, connection: Connection) -> None:
        if self._on_done is not None:
            self._on_done(connection)
            return
        as_whom = f" as {connection.account}" if connection.account else ""
        self._stage.end(
            f"Connected{as_whom}. Begin a cell with %%connection {connection.link_name}",
            tone="ok",
            shape="check",
        )

    def _give_up(self) -> None:
        if self._on_close is not None:
            self._on_close()
            return
        name = self._authorization.link_name
        self._stage.end(f"Not authorized yet. %conn authorize {name} opens this again.")


_WHY = {
    "denied": "{} reports that access was denied",
    "expired": "The time to authorize at {} is over",
    "failed": "{} could not be connected",
}


def start_authorization(
    stage: Stage,
    broker: Broker,
    about: Authorization | Connection,
    *,
    step: str = "",
    on_done: Connected | None = None,
    on_close: Callable[[], None] | None = None,
    watch: Watch = watch_in_background,
    clock: Callable[[], datetime] = now,
) -> None:
    """Begin an authorization and show it; where it cannot begin, show why.

    Args:
        stage: Where to show it.
        broker: Whom to ask.
        about: The connection, or an earlier attempt for it.
        step: Which step of how many it is.
        on_done: Gets the connection in the end.
        on_close: Called when it is given up.
        watch: Takes the steps.
        clock: Tells the time.
    """

    def give_up() -> None:
        if on_close is not None:
            on_close()
        else:
            stage.end(
                f"Not authorized yet. %conn authorize {about.link_name} opens this again."
            )

    def begin() -> None:
        start_authorization(
            stage,
            broker,
            about,
            step=step,
            on_done=on_done,
            on_close=on_close,
            watch=watch,
            clock=clock,
        )

    try:
        authorization = broker.authorize(about.link_name)
    except ConnectionsError as error:
        what, then = spoken(error)
        stage.show(
            EndedScreen(
                about, step=step, what=what, then=then, again=begin, on_close=give_up
            )
        )
        return
    stage.show(
        AuthorizeScreen(
            stage,
            broker,
            authorization,
            step=step,
            on_done=on_done,
            on_close=on_close,
            watch=watch,
            clock=clock,
        )
    )


def _seconds_left(authorization: Authorization, at: datetime) -> float:
    if authorization.expires_at is None:
        return _LONGEST
    return max(0.0, (authorization.expires_at - at).total_seconds())
