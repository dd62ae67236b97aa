"""Code to copy. Names have a strict character set; other texts are written as literals."""

import re
from typing import Final, Literal

from ._names import identifier_from
from ._values import Connection
from .errors import InvalidInput

Library = Literal["httpx", "async", "python"]
LIBRARIES: Final[tuple[Library, ...]] = ("httpx", "async", "python")


def snippet(
    connection: Connection, *, library: str = "httpx", path: str | None = None
) -> str:
    """Return code that uses a connection; it holds no secret.

    Args:
        connection: What the code uses.
        library: ``httpx`` or ``async`` for a notebook cell, ``python`` for a script.
        path: What the example asks the service for.

    Raises:
        InvalidInput: If there is no such library.
    """
    name, asked = connection.link_name, _literal(path or "/")
    variable = identifier_from(name)
    match library:
        case "httpx":
            return f"%%connection {name}\n{variable}.get({asked}).json()"
        case "async":
            return (
                f"%%connection {name} --client async\n"
                f"(await {variable}.get({asked})).json()"
            )
        case "python":
            return (
                "import conn_magics as cm\n\n"
                f'{variable} = cm.connect("{name}")\n'
                f"{variable}.get({asked}).json()"
            )
    raise InvalidInput(
        f"There is no code for '{library[:40]}'",
        f"Choose one of {', '.join(LIBRARIES)}",
    )


def _literal(text: str) -> str:
    """Write a text as Python does; in double quotes where it is harmless."""
    return f'"{text}"' if re.fullmatch(r"[\w/.?=&-]+", text, re.ASCII) else repr(text)
