"""``jupyter connections serve``: the service for a hub, or for many people."""

from pathlib import Path
from typing import Annotated

import typer

from conn_core.errors import InvalidInput


def serve(
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="A file with c.ConnectionsService.*."
        ),
    ] = None,
    ip: Annotated[str | None, typer.Option(help="Where to listen.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Where to listen.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="postgresql://user@host/database, without a password."),
    ] = None,
) -> None:
    """Serve connections to a whole organisation. SIGTERM ends it gracefully."""
    from traitlets import TraitError  # noqa: PLC0415 - see cli.py

    from .service import serve as run_service  # noqa: PLC0415 - as above

    try:
        run_service(
            config_file=str(config or ""),
            options={"ip": ip, "port": port, "database": database},
            say=_say,
        )
    except TraitError as error:
        raise InvalidInput(str(error)) from None


def _say(line: str) -> None:
    typer.echo(line)
