"""A value that may be used but not shown."""

import hmac
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

_MASK: Final = "<secret>"


class Secret:
    """A secret text that no repr, format, pickle or ``vars()`` shows.

    Args:
        value: The text to guard.
    """

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        # A closure, not an attribute: variable inspectors walk __dict__ and __slots__.
        self._reveal: Callable[[], str] = lambda: value

    def reveal(self) -> str:
        """Return the text. Call it in the argument list of the call that needs it."""
        return self._reveal()

    def same_as(self, other: str) -> bool:
        """Tell, in constant time, whether ``other`` is this secret."""
        return hmac.compare_digest(self._reveal().encode(), other.encode())

    def __repr__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return format(_MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._reveal())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.same_as(other.reveal())

    __hash__ = None  # type: ignore[assignment]  # a secret is no dictionary key

    def __reduce__(self) -> NoReturn:
        msg = "secrets cannot be serialised"
        raise TypeError(msg)
