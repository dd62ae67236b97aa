"""Buttons for the pictures of the documentation; no run takes any time."""

from datetime import UTC, date, datetime
from typing import Literal

from conn_magics.functions._asked import asked_by
from conn_widgets import ButtonFunction, FunctionButton

#: Of another year, so that a picture says the day whenever it is taken.
_THEN = datetime(2025, 11, 14, 9, 14, tzinfo=UTC)
#: A run that begins then has taken no time yet.
_LATER = datetime(2100, 1, 1, tzinfo=UTC)
_HELP = (
    "A request that it waits for ends at once. What only computes goes on until it uses "
    "a connection or prints. What was sent cannot be taken back."
)


def _open_issues(
    repo="pandas-dev/pandas",
    label=None,
    limit=100,
    since=date(2026, 1, 1),
    state: Literal["open", "closed", "all"] = "open",
    drafts=False,  # noqa: FBT002 - a parameter to show
): ...


def finished():
    """Return a button after a run."""

    def begin(_values, output, on_end):
        output.show({"text/plain": "3641"}, {})
        on_end("done", seconds=4.2)
        return lambda: None

    return _button(begin, at=_THEN)


def failed():
    """Return a button after a run that ended with an error."""

    def begin(_values, output, on_end):
        output.write("counting pandas-dev/pandas\n", stream="stdout")
        why = "Connection 'github' was revoked by priya on 2026-11-20. Run %conn enable github"
        on_end("failed", seconds=0.4, error=why)
        return lambda: None

    return _button(begin, at=_THEN)


def running():
    """Return a button whose run does not end."""

    def begin(_values, output, _on_end):
        output.write("counting pandas-dev/pandas\n", stream="stdout")
        return lambda: None

    return _button(begin, at=_LATER)


def _button(begin, *, at):
    function = ButtonFunction(
        label="Count open issues",
        name="open_issues",
        connections=("github",),
        whose="as you",
        questions=asked_by(_open_issues),
        begin=begin,
        stop_help=_HELP,
    )
    return FunctionButton(function, clock=at.timestamp)
