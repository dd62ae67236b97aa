"""Options that several printers of configuration have."""

from typing import Annotated, Final

import typer

BaseUrl = Annotated[str, typer.Option(help="The hub's base URL.")]
Database = Annotated[
    str,
    typer.Option(
        "--database-url-file",
        help="The file that holds the database's address with its password.",
    ),
]
KeyFile = Annotated[str, typer.Option(help="The file that holds the master key.")]

DATABASE: Final = "/etc/jupyter-connections/database-url"
KEY: Final = "/etc/jupyter-connections/master.key"


def path_of(base_url: str) -> str:
    """Return a base URL with one slash at each end.

    Args:
        base_url: As somebody wrote it.
    """
    return f"/{base_url.strip('/')}/".replace("//", "/")
