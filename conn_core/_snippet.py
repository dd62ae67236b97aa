"""Code to copy. Names have a strict character set; all other texts go through repr."""

from typing import Final, Literal

from ._names import identifier_from
from ._values import Connection
from .errors import InvalidInput

Kind = Literal["magic", "httpx", "async"]
KINDS: Final[tuple[Kind, ...]] = ("magic", "httpx", "async")


def snippet(connection: Connection, *, kind: str = "httpx", path: str = "/") -> str:
    """Return code that uses a connection; it holds no secret.

    Args:
        connection: What the code uses.
        kind: ``httpx`` or ``async`` for Python that runs anywhere, ``magic`` for a cell.
        path: What the example asks the service for.

    Raises:
        InvalidInput: If there is no such kind.
    """
    name = connection.link_name
    variable = identifier_from(name)
    match kind:
        case "magic":
            return f"%%connection {name}\n{variable}.get({path!r}).json()"
        case "httpx":
            return (
                "import conn_magics as cm\n\n"
                f"{variable} = cm.connect({name!r})\n"
                f"{variable}.get({path!r}).json()"
            )
        case "async":
            return (
                "import conn_magics as cm\n\n"
                f"{variable} = cm.get({name!r}).async_client()\n"
                f"(await {variable}.get({path!r})).json()"
            )
    raise InvalidInput(
        f"There is no code for '{kind}'", f"Choose one of {', '.join(KINDS)}"
    )
