"""Code to copy. Names have a strict character set, other texts go through ``repr``."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conn_core import identifier_from

if TYPE_CHECKING:
    from conn_core import Connection, Service


def snippet_for(
    connection: "Connection", service: "Service", *, library: str = "httpx"
) -> str:
    """Return a cell that uses a connection.

    Args:
        connection: What to use.
        service: Its service: the harmless call is the example.
        library: ``httpx``, ``async`` or ``python`` (a script, no magic).
    """
    path, name = _quoted(_example(service)), connection.link_name
    variable = identifier_from(name)
    match library:
        case "async":
            return f"%%connection {name} --client async\n(await {variable}.get({path})).json()"
        case "python":
            return (
                "import conn_magics as cm\n\n"
                f'{variable} = cm.connect("{name}")\n'
                f"{variable}.get({path}).json()"
            )
    return f"%%connection {name}\n{variable}.get({path}).json()"


def _quoted(text: str) -> str:
    """Write a text as Python does; in double quotes when it is harmless."""
    return f'"{text}"' if re.fullmatch(r"[\w/.?=&-]+", text, re.ASCII) else repr(text)


def _example(service: "Service") -> str:
    test_path = service.test_path or "/"
    return urlsplit(test_path).path if "://" in test_path else test_path
