"""An authorization on its way: the link to open, and waiting for the end."""

from datetime import datetime
from typing import TYPE_CHECKING

from . import _words
from ._blocks import Block, Link, Note, Sentence
from ._views import View

if TYPE_CHECKING:
    from conn_core import Authorization

    from ._desk import Desk


def authorization_view(authorization: "Authorization") -> View:
    """Show how far an authorization is.

    The link is the local start link: useless to anybody else, and short-lived.
    """
    name, service = authorization.link_name, authorization.service_name
    data = authorization.to_json()
    match authorization.state:
        case "done":
            who = f" as {authorization.account}" if authorization.account else ""
            scopes = _words.listed(authorization.granted_scopes)
            notes = [Note(f"Scopes granted: {scopes}")] if scopes else []
            return View(
                Sentence(f"'{name}' is connected{who}", "ok"), *notes, data=data
            )
        case "pending":
            return View(*_pending(authorization), data=data)
    reason = (
        authorization.error or f"The authorization at {service} ended without a result."
    )
    return View(
        Sentence(reason, "bad"),
        Note(f"Run %conn authorize {name} to try again"),
        data=data,
    )


def _pending(authorization: "Authorization") -> tuple[Block, ...]:
    name, service = authorization.link_name, authorization.service_name
    until = _clock_time(authorization.expires_at)
    words = f"Authorize '{name}' at {service}"
    if authorization.user_code:
        return (
            Link(words, authorization.verification_uri or ""),
            Sentence(f"Enter the code {authorization.user_code} there, on any device"),
            Note(f"The code works once{until}. Afterwards: %conn status {name}"),
        )
    return (
        Link(words, authorization.start_url or ""),
        Note(f"The link works once{until}. Afterwards: %conn status {name}"),
    )


def _clock_time(moment: datetime | None) -> str:
    return "" if moment is None else f", until {moment.astimezone():%H:%M}"


def wait_until_done(
    desk: "Desk", authorization: "Authorization", *, timeout: float
) -> "Authorization":
    """Ask the broker until the authorization ends or the time is over.

    Args:
        desk: Broker, time, and where to write progress.
        authorization: What was begun.
        timeout: Seconds to wait at most.

    Returns:
        Its last state; still ``pending`` when the time was over or the person
        interrupted. The link works on then.
    """
    left = timeout
    try:
        while authorization.state == "pending" and left > 0:
            desk.say(f"\rWaiting for you in the browser, {_minutes(left)} left ")
            pause = min(max(1, authorization.interval), left)
            desk.sleep(pause)
            left -= pause
            authorization = desk.broker.authorization(authorization.flow)
    except KeyboardInterrupt:
        pass  # the person has seen enough; the link works on
    desk.say("\r" + " " * 50 + "\r")
    return authorization


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
