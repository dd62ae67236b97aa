"""Credentials in the user's hands: usable, and never shown by accident."""

from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from conn_core import Secret


def refuse_to_serialise() -> NoReturn:
    """Raise: a credential stays in the process that asked for it."""
    raise TypeError("credentials cannot be serialised; ask for them in the worker")


class Token:
    """An access token, for libraries that take nothing else.

    Args:
        link_name: The connection.
        secret: The token.
        expires_at: When it ends, if the provider said so.
    """

    __slots__ = ("_expires_at", "_link_name", "_secret")

    def __init__(
        self, link_name: str, secret: "Secret", *, expires_at: datetime | None = None
    ) -> None:
        self._link_name = link_name
        self._secret = secret
        self._expires_at = expires_at

    @property
    def expires_at(self) -> datetime | None:
        """When it ends, None if the provider did not say."""
        return self._expires_at

    def reveal(self) -> str:
        """Return the token. Write it only where it is used: ``sdk(key=t.reveal())``."""
        return self._secret.reveal()

    def __repr__(self) -> str:
        ends = (
            f", expires {self._expires_at.astimezone():%H:%M}"
            if self._expires_at
            else ""
        )
        return f"<token for {self._link_name!r}{ends}>"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> NoReturn:
        refuse_to_serialise()
