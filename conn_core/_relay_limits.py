"""How much, how long and how often requests are carried for somebody."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from .errors import InvalidInput

_PREFIX = "JUPYTER_CONNECTIONS_RELAY_"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayLimits:
    """The limits of a request that the broker carries.

    Attributes:
        most_answered: Bytes of one answer.
        most_sent: Bytes of one request's body.
        idle_seconds: So long neither side may be silent.
        total_seconds: So long one request may take, whatever happens.
        at_once: Requests of one person at a time.
    """

    most_answered: int = 5 * 1024**3
    most_sent: int = 5 * 1024**3
    idle_seconds: int = 120
    total_seconds: int = 3_600
    at_once: int = 64

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read ``JUPYTER_CONNECTIONS_RELAY_MOST_ANSWERED`` and its siblings.

        Raises:
            InvalidInput: If one is no whole number above zero.
        """
        said = {f.name: environ.get(_PREFIX + f.name.upper(), "") for f in fields(cls)}
        return cls(**{name: _number(name, text) for name, text in said.items() if text})


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:18]) > 0):
        raise InvalidInput(
            f"'{text[:40]}' is no limit",
            f"Write a whole number above zero in {_PREFIX}{name.upper()}",
        )
    return int(text)
