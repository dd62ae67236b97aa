"""What was refused, said at the top of a screen; nothing is there before."""

import ipywidgets

from conn_core.errors import ConnectionsError, VersionConflict
from conn_core.look import spoken

from . import _html
from ._stage import show_only_if


class Problem(ipywidgets.HTML):  # type: ignore[misc]  # it is untyped
    """A place for one note; hidden while it says nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Say nothing any more."""
        self.say("")

    def say(self, markup: str) -> None:
        """Show a note.

        Args:
            markup: The note.
        """
        self.value = markup
        show_only_if(self, wanted=bool(markup))

    def refuse(self, error: ConnectionsError) -> None:
        """Say what was refused, why, and what to do.

        Args:
            error: What the broker said.
        """
        self.say(refusal(error))


def refusal(error: ConnectionsError) -> str:
    """Return a note that says what was refused, why, and what to do.

    Args:
        error: What the broker said.
    """
    what, then = spoken(error)
    if isinstance(error, VersionConflict):
        then = "Close this form and open it again to see the change."
    return _html.note(what, then, tone="bad", shape="stop", alert=True)
