"""The rows of *Can this job run?*: a connection, as whom it runs, and until when."""

from collections.abc import Sequence
from datetime import datetime

from conn_core import Readiness
from conn_core.look import day


def heads(until: datetime | None) -> tuple[str, ...]:
    """Return the heads of the columns."""
    last = f"Until {day(until)}" if until is not None else "Without you"
    return ("Connection", "Runs as", last)


def line_of(one: Readiness) -> str:
    """Return a row for places without widgets."""
    todo = "" if one.ready else f": {one.problem}. {one.hint}".rstrip()
    who = f", runs as {runs_as(one)}" if one.runs_as else ""
    words = state(one)[2]
    return f"{one.name}{who}, {words[0].lower()}{words[1:]}{todo}"


def can_authorize(one: Readiness) -> bool:
    """Tell whether what is missing is had by authorizing it."""
    return not one.ready and "%conn authorize " in one.hint


def verdict(found: Sequence[Readiness]) -> tuple[str, str, str, str]:
    """Say in a sentence and a half whether it can run; with tone and icon."""
    missing = sum(not one.ready for one in found)
    if not found:
        return ("Yes.", "It uses no connection that can be found.", "ok", "check")
    if not missing:
        ends = [one.until for one in found if one.until is not None]
        rest = (
            f"Until {day(min(ends))}." if ends else "Its connections renew themselves."
        )
        return ("Yes.", rest, "ok", "check")
    noun = "connection" if len(found) == 1 else "connections"
    needs = "needs" if missing == 1 else "need"
    rest = "The others work without you." if missing < len(found) else ""
    whole = f"Not yet: {missing} of {len(found)} {noun} {needs} you."
    return (whole, rest, "soon", "warn")


def state(one: Readiness) -> tuple[str, str, str]:
    """Return icon, tone and words of how a connection stands."""
    if one.until is not None:
        words = f"{'Until' if one.ready else 'Ends'} {day(one.until)}"
        return ("check", "ok", words) if one.ready else ("clock", "soon", words)
    if one.ready:
        return ("check", "ok", "Renews itself")
    if can_authorize(one):
        return ("key", "todo", "Needs authorization")
    return ("stop", "bad", "Cannot be used")


def runs_as(one: Readiness) -> str:
    """Say as whom a job would use a connection."""
    return f"{one.runs_as} ({one.account})" if one.account else one.runs_as
