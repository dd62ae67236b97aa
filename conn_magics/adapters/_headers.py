"""Request headers, for a library that takes nothing else."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from conn_core import auth
from conn_core.errors import InvalidInput

from ._by_name import ByName
from ._context import Context

if TYPE_CHECKING:
    import conn_core


def headers(context: Context) -> "ConnectedHeaders":
    """Return headers that carry the credential, as it is whenever they are read.

    Nothing guards where they are sent once they are in other hands: ``context.check`` is
    yours to call. ``dict(headers)`` is what they are at this moment.

    Args:
        context: The connection.

    Raises:
        InvalidInput: If the credential is not sent in headers alone.
    """
    found = ConnectedHeaders(context)
    len(found)
    return found


class ConnectedHeaders(ByName, Mapping[str, str]):
    """A mapping that asks for the credential when it is read, and does not show it.

    Args:
        context: The connection.
    """

    __slots__ = ("context",)
    adapter = "headers"

    def __init__(self, context: Context) -> None:
        self.context = context

    def __getitem__(self, key: str) -> str:
        for name, value in self._made().items():
            if name.lower() == key.lower():
                return value
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())

    def __repr__(self) -> str:
        return f"<headers for {self.context.link_name!r}>"

    def _made(self) -> Mapping[str, str]:
        return placed_headers(self.context, self.context.token(what="headers"))


def placed_headers(
    context: Context, token: "conn_core.AccessToken"
) -> Mapping[str, str]:
    """Return the headers that a request of a connection carries.

    Args:
        context: The connection.
        token: Its credential.

    Raises:
        InvalidInput: If a request carries more, in its address or its form.
    """
    if token.param_type != "header" or token.api_query:
        raise InvalidInput(
            f"'{context.link_name}' does not send its credential in a header alone",
            f"Use cm.connect({context.link_name!r})",
        )
    bare = auth.Outgoing(method="GET", url=token.api_base_url)
    return auth.apply(token, bare, now=0).headers
