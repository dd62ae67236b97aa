"""Credentials in the user's hands: usable, and never shown by accident."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from conn_core import Secret


def _refuse_to_serialise() -> NoReturn:
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
        _refuse_to_serialise()


class Headers(Mapping[str, str]):
    """Request headers that carry a credential; a mapping that does not show it.

    Args:
        link_name: The connection.
        name: The header.
        prefix: Text before the credential.
        secret: The credential.
    """

    __slots__ = ("_link_name", "_name", "_prefix", "_secret")

    def __init__(
        self, link_name: str, *, name: str, prefix: str, secret: "Secret"
    ) -> None:
        self._link_name = link_name
        self._name = name
        self._prefix = prefix
        self._secret = secret

    def __getitem__(self, key: str) -> str:
        if key.lower() != self._name.lower():
            raise KeyError(key)
        return self._prefix + self._secret.reveal()

    def __iter__(self) -> Iterator[str]:
        return iter((self._name,))

    def __len__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return f"<headers for {self._link_name!r}>"

    def __reduce__(self) -> NoReturn:
        _refuse_to_serialise()
