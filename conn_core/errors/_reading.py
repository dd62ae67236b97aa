"""Making an error again that travelled over REST."""

from collections.abc import Mapping
from typing import Final

from . import _person, _refused  # noqa: F401 - their classes are found by their base
from ._base import ConnectionsError
from ._elsewhere import BrokerUnavailable


def _all_errors(base: type[ConnectionsError]) -> dict[str, type[ConnectionsError]]:
    found = {base.code: base}
    for subclass in base.__subclasses__():
        found |= _all_errors(subclass)
    return found


ERRORS_BY_CODE: Final = {
    code: kind
    for code, kind in _all_errors(ConnectionsError).items()
    if kind is not ConnectionsError
}


#: What a proxy says itself: nobody behind it answered.
_GATEWAYS: Final = frozenset({502, 503, 504})


def error_from_json(body: Mapping[str, object], *, status: int) -> ConnectionsError:
    """Make the error of a REST answer again.

    Args:
        body: The answer, ``{"code", "message", "hint", "fields"}``; may be foreign.
        status: The HTTP status, which says most when the body is not one of ours.

    Returns:
        An error of the class that the code names.
    """
    kind = ERRORS_BY_CODE.get(str(body.get("code")))
    if kind is None and status == 401:
        return BrokerUnavailable(
            "The server does not know this token any more: it has ended, or the person "
            "whose it was has left",
            "Start your server again",
        )
    if kind is None and status in _GATEWAYS:
        return BrokerUnavailable(
            f"What stands before the server answered {status}: it is not reached",
            "Try again in a moment",
        )
    if kind is None:
        return BrokerUnavailable(
            f"The server answered {status} and not in the words of this extension",
            "Run %conn env",
        )
    fields = body.get("fields")
    return kind(
        str(body.get("message", "")),
        str(body.get("hint", "")),
        fields=fields if isinstance(fields, dict) else None,
    )
