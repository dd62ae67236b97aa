"""What a verb works with: the broker, the surroundings, and time."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from conn_core.errors import InteractionRequired

from ._holder import HOLDER, Holder
from ._surroundings import Surroundings, look_around

if TYPE_CHECKING:
    from conn_core import Secret
    from conn_core.broker import Broker


def _now() -> datetime:
    return datetime.now(UTC)


def _display(thing: Any) -> None:
    from IPython.display import display

    display(thing)


def _ask(question: str) -> str:
    return input(question)


def _ask_secret(question: str) -> str:
    import getpass
    import warnings

    # Where it could not be hidden, nothing is typed at all.
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(question)
        except getpass.GetPassWarning:
            raise InteractionRequired(
                "This terminal would show what you type, so nothing was asked",
                "Use a real terminal, or a notebook",
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a verb works with. Tests put their own things on it.

    Attributes:
        holder: Lends the broker.
        around: Is somebody there, and what can be shown.
        show: Displays something while a verb still works.
        ask: Asks a person for one line.
        ask_secret: The same, typed unseen.
        say: Writes progress; ends no line.
        now: The time of day.
        sleep: Waits some seconds.
        open_link: Opens a link in a browser, where that was asked for.
        piped: What is secret and came through a pipe instead of being typed, by name;
            None where nothing did.
    """

    holder: Holder = HOLDER
    around: Surroundings = field(default_factory=look_around)
    show: Callable[[Any], None] = _display
    ask: Callable[[str], str] = _ask
    ask_secret: Callable[[str], str] = _ask_secret
    say: Callable[[str], None] = lambda text: print(text, end="", flush=True)  # noqa: T201 - progress for people
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    open_link: Callable[[str], object] | None = None
    piped: "Mapping[str, Secret] | None" = None

    def without_widgets(self) -> "Desk":
        """Return the same, where everything is said and asked in text."""
        return replace(self, around=replace(self.around, widgets=False))

    @property
    def answers(self) -> bool:
        """Somebody can be asked in text, or has answered beforehand."""
        return self.piped is not None or (
            self.around.person and not self.around.widgets
        )

    @property
    def broker(self) -> "Broker":
        """The broker to use now."""
        return self.holder.broker
