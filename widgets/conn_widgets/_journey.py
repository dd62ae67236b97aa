"""What every screen on the way to a connection needs."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from conn_core import Connection
from conn_core.broker import Broker
from conn_core.look import now

from ._stage import Stage

Step = Callable[[], bool]
Watch = Callable[[Step, float], None]


def watch_in_background(step: Step, interval: float) -> None:
    """Take a step again and again until it says that it was the last.

    A thread, not a task of the event loop: also while a cell runs the form moves on.
    """
    pause = threading.Event()

    def run() -> None:
        while not step():
            pause.wait(interval)

    threading.Thread(target=run, name="conn-widgets-watch", daemon=True).start()


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Where screens are shown, whom they ask, and where they lead.

    Attributes:
        stage: Where screens are shown.
        broker: Whom to ask.
        step: Which step of how many authorizing is, when it is one.
        on_done: Gets the connection when *Done* is pressed.
        on_close: Called when it is given up.
        watch: Takes the steps of waiting; tests take them by hand.
        clock: Tells the time.
    """

    stage: Stage
    broker: Broker
    step: str = ""
    on_done: Callable[[Connection], None] | None = None
    on_close: Callable[[], None] | None = None
    watch: Watch = watch_in_background
    clock: Callable[[], datetime] = now

    def finish(self, connection: Connection) -> None:
        """Leave with a connection that works."""
        if self.on_done is not None:
            self.on_done(connection)
            return
        as_whom = f" as {connection.account}" if connection.account else ""
        self.stage.end(
            f"Connected{as_whom}. Begin a cell with %%connection {connection.link_name}",
            tone="ok",
            shape="check",
        )

    def give_up(self, link_name: str) -> None:
        """Leave without one."""
        if self.on_close is not None:
            self.on_close()
            return
        self.stage.end(
            f"Not authorized yet. %conn authorize {link_name} opens this again."
        )
