"""An authorization on its way: the link to open, and waiting for the end."""

import dataclasses
from datetime import datetime
from typing import TYPE_CHECKING

from . import _words
from ._blocks import Block, Code, Link, Note, Sentence
from ._views import View

if TYPE_CHECKING:
    from conn_core import Authorization

    from ._desk import Desk


#: What the broker says of a way that a person asked for.
_ASKED = "You asked for it."
_USUAL_TIMEOUT = 300.0


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
            return View(*_pending(authorization), data=data, outcome="needs person")
    reason = (
        authorization.error or f"The authorization at {service} ended without a result."
    )
    return View(
        Sentence(reason, "bad"),
        Note(f"Run %conn authorize {name} to try again"),
        data=data,
        outcome="needs person",
    )


def _pending(authorization: "Authorization") -> tuple[Block, ...]:
    name, service = authorization.link_name, authorization.service_name
    until = _clock_time(authorization.expires_at)
    words = f"Authorize '{name}' at {service}"
    match authorization.way:
        case "device":
            # Whose address it is, is not known here: it is text to copy, and no link.
            way: tuple[Block, ...] = (
                Sentence(f"{words}: open this address on any device"),
                Code(authorization.verification_uri or ""),
                Sentence(f"Enter the code {authorization.user_code} there"),
                Note(
                    f"The code works once{until}. For another: %conn authorize {name}"
                ),
            )
        case "paste":
            way = (
                Link(words, authorization.start_url or ""),
                Note(
                    "Allow access. The browser is then sent to an address that may not "
                    "open: copy it from the address bar"
                ),
            )
        case _:
            way = (
                Link(words, authorization.start_url or ""),
                Note(f"The link works once{until}. Afterwards: %conn status {name}"),
            )
    return (*way, *_reason(authorization))


def _reason(authorization: "Authorization") -> tuple[Block, ...]:
    """Say why this way was chosen, where nobody chose it and it is not the usual one."""
    if authorization.way == "browser" or authorization.why in ("", _ASKED):
        return ()
    return (Note(f"Why this way: {authorization.why}"),)


def _clock_time(moment: datetime | None) -> str:
    return "" if moment is None else f", until {moment.astimezone():%H:%M}"


def wait_until_done(
    desk: "Desk", authorization: "Authorization", *, timeout: float | None
) -> "Authorization":
    """Ask the broker until the authorization ends or the time is over.

    Args:
        desk: Broker, time, and where to write progress.
        authorization: What was begun.
        timeout: Seconds to wait at most; None for 300, or as long as a code works:
            nobody else asks the service whether it was entered.

    Returns:
        Its last state; still ``pending`` when the time was over. The link works on
        then.

    Raises:
        KeyboardInterrupt: If the person does not want to wait any longer.
    """
    left = _longest_wait(desk, authorization) if timeout is None else timeout
    words = (
        "Waiting for the code to be entered"
        if authorization.way == "device"
        else "Waiting for you in the browser"
    )
    try:
        while authorization.state == "pending" and left > 0:
            desk.say(f"\r{words}, {_minutes(left)} left ")
            pause = min(max(1, authorization.interval), left)
            desk.sleep(pause)
            left -= pause
            authorization = desk.broker.authorization(authorization.flow)
    finally:
        desk.say("\r" + " " * 60 + "\r")
    return authorization


def given_up(authorization: "Authorization") -> "Authorization":
    """Return an authorization that the person interrupted and that was cancelled."""
    return dataclasses.replace(
        authorization, state="failed", error="You gave it up; nothing was changed."
    )


def _longest_wait(desk: "Desk", authorization: "Authorization") -> float:
    ends = authorization.expires_at
    if authorization.way != "device" or ends is None:
        return _USUAL_TIMEOUT
    return (ends - desk.now()).total_seconds()


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
