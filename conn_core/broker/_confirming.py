"""Six digits, for a browser that comes back and is not the one that began.

A browser without the cookie of the start link may be a victim's, whom somebody sent the
provider's page to. Nothing is exchanged for it. The answer is sealed, the browser shows
six digits, and whoever began has to type them: they know them only if they sit at that
browser too, as somebody at an editor with a browser of its own does.
"""

import hmac
import json
import secrets as randomness
from collections.abc import Mapping
from typing import Any

from .._services import Service
from ..errors import AuthorizationFailed, InvalidInput
from ..store import rows
from ._attempts import again
from ._credentials import definition_of
from ._obtaining import close, open_flow, seal_flow
from ._workshop import Workshop

_SECONDS = 300
_TRIES = 3
_DIGITS = 6


def is_digits(text: str) -> bool:
    """Tell whether a text can be such a code, and no address."""
    digits = text.replace(" ", "")
    return digits.isascii() and digits.isdecimal() and len(digits) <= 2 * _DIGITS


def hold(
    workshop: Workshop, row: rows.Row, service: Service, answer: Mapping[str, str]
) -> str:
    """Seal an answer until it is confirmed; return the digits for the browser.

    Whatever comes for the same state after that belongs to nothing any more.
    """
    digits = f"{randomness.randbelow(10**_DIGITS):0{_DIGITS}}"
    known = open_flow(workshop, row, service)
    held = known | {"answer": json.dumps(dict(answer)), "digits": digits}
    device = rows.load_map(row.device) | {
        "confirm_until": min(workshop.clock() + _SECONDS, row.expires_at),
        "tries": 0,
    }
    with workshop.store.write() as tx:
        rows.update_flow(
            tx,
            row.id,
            seen="pending",
            state_hash=None,
            sealed=seal_flow(workshop, row, service, held),
            device=rows.dump(device),
        )
    return f"{digits[:3]} {digits[3:]}"


def unconfirmed(device: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a person is told, without a code that was asked for before."""
    return {n: v for n, v in device.items() if n not in {"confirm_until", "tries"}}


def is_awaited(device: Mapping[str, Any]) -> bool:
    """Tell whether a browser shows digits that somebody has to type."""
    return "confirm_until" in device


def confirmed(workshop: Workshop, row: rows.Row, typed: str) -> dict[str, str]:
    """Return the answer that was sealed, if these are its digits.

    Raises:
        InvalidInput: If they are not, or no browser shows any.
        AuthorizationFailed: If they were not for the third time: the attempt is over.
    """
    answer, left = _tried(workshop, row, typed.replace(" ", ""))
    if answer is not None:
        return answer
    if left > 0:
        raise _not_these("These are not the digits that the browser shows")
    problem = "Other digits than those of the browser were typed three times"
    close(workshop, row, "failed", f"{problem}.")
    raise AuthorizationFailed(problem, again(workshop, row))


def _tried(
    workshop: Workshop, row: rows.Row, digits: str
) -> tuple[dict[str, str] | None, int]:
    """Return the answer or None, and how many tries are left. Each counts, also at once."""
    with workshop.store.write() as tx:
        # Writing first: PostgreSQL lets the second of two wait here, and see the first.
        rows.update_flow(tx, row.id, seen="pending", hopped=row.hopped)
        found = rows.flow_row(tx, row.id)
        if found is None or found.progress != "pending":
            raise AuthorizationFailed(
                "This authorization is over", again(workshop, row)
            )
        device: dict[str, Any] = rows.load_map(found.device)
        if device.get("confirm_until", 0.0) < workshop.clock():
            raise _not_these("No browser shows digits for this authorization now")
        secrets = open_flow(workshop, found, definition_of(found))
        if hmac.compare_digest(secrets["digits"], digits):
            answer: dict[str, str] = json.loads(secrets["answer"])
            return answer, _TRIES
        device["tries"] += 1
        rows.update_flow(tx, row.id, seen="pending", device=rows.dump(device))
    return None, _TRIES - int(device["tries"])


def _not_these(what: str) -> InvalidInput:
    return InvalidInput(
        what,
        "Type the six digits of its page, or begin again",
        fields={"address": what},
    )
