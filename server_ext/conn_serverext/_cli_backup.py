"""``jupyter connections backup``, ``restore`` and ``migrate``: the store as a whole."""

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conn_core import Secret, os_user

from ._cli_here import database_file, postgres_here, settings_here

if TYPE_CHECKING:
    from conn_core.broker import Restored

app = typer.Typer(rich_markup_mode=None)

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
_KEY = "The key is not in it: keep it elsewhere, or write down its recovery code"


@app.command()
def backup(file: BackupFile) -> None:
    """Copy the store to a file while servers go on; the key is not in it."""
    from conn_core import store  # noqa: PLC0415 - only when used

    url = postgres_here()
    if url is not None:
        typer.echo("This deployment is on PostgreSQL. Run this:")
        typer.echo(_dump_command(url, file))
    else:
        found = store.back_up_to(database_file(), file)
        typer.echo(f"The store is copied to {file} (tables {found.revision})")
    typer.echo(_KEY)


@app.command()
def restore(
    file: BackupFile,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move the store that is there aside.")
    ] = False,
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt", help="Seal another deployment's backup anew with our key."
        ),
    ] = False,
    their_key: Annotated[
        Path | None,
        typer.Option("--their-key", metavar="FILE", help="Its key file."),
    ] = None,
) -> None:
    """Put a backup in the place of the store; what was there is moved aside."""
    from conn_core import broker  # noqa: PLC0415 - only when used

    url = postgres_here()
    if url is not None:
        typer.echo("This deployment is on PostgreSQL. Stop the service, then run:")
        typer.echo(_restore_command(url, file))
        return
    done = broker.restore(
        settings_here(),
        file,
        clock=time.time,
        by=os_user(),
        replaces=replace,
        adopts=adopt,
        their_key=their_key,
    )
    _say_restored(done, file)


@app.command()
def migrate(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether it is needed.")
    ] = False,
) -> None:
    """Bring the tables up to date; a copy of a database file is made before."""
    from conn_core import store  # noqa: PLC0415 - only when used

    url = postgres_here()
    path = database_file()
    if url is None and not path.exists():
        typer.echo(f"There is no database {path} yet: the first use makes it")
        return
    before = _revision(url, path)
    if before == store.HEAD:
        typer.echo(f"The tables are up to date (version {before})")
        return
    if check:
        typer.echo(
            f"The tables are of version {before or 'none'}, {store.HEAD} is needed"
        )
        raise typer.Exit(1)
    _open(url, path)
    typer.echo(f"The tables were of version {before or 'none'} and are of {store.HEAD}")
    if url is None:
        typer.echo(f"A copy from before is in {path}.{before}.bak")


def _open(url: Secret | None, path: Path) -> None:
    from conn_core.store import Store  # noqa: PLC0415 - only when used

    opened = Store.sqlite(path) if url is None else Store.postgresql(url.reveal())
    opened.close()


def _revision(url: Secret | None, path: Path) -> str | None:
    from conn_core import store  # noqa: PLC0415 - only when used

    if url is None:
        return store.contents_of(path).revision
    return store.revision_of(url.reveal())


def _say_restored(done: "Restored", file: Path) -> None:
    typer.echo(f"{file} is the store now")
    if done.aside is not None:
        typer.echo(f"What was there before is in {done.aside}")
    if done.adopted is not None:
        typer.echo(f"Sealed anew for this deployment: {done.adopted}")
    for row in done.left:
        typer.echo(f"This row does not open and stays as it is: {row}")
    typer.echo(
        "What was revoked, deleted or renewed since the backup is as it was then. Look "
        "at jupyter connections list; where a service has forgotten an old "
        "authorization, its next use says so"
    )
    typer.echo("Restart servers that were running")
    if done.problem is not None:
        typer.echo(str(done.problem), err=True)
        raise typer.Exit(1)
    if done.left:
        raise typer.Exit(1)


def _dump_command(url: Secret, file: Path) -> str:
    return f"pg_dump --format=custom --file={_quoted(file)} --dbname={_address(url)}"


def _restore_command(url: Secret, file: Path) -> str:
    options = "--clean --if-exists --single-transaction --no-owner"
    return f"pg_restore {options} --dbname={_address(url)} {_quoted(file)}"


def _address(url: Secret) -> str:
    """Return a database's address without its password: psql's tools find that."""
    from conn_core.store import address_of  # noqa: PLC0415 - only when used

    found = address_of(url.reveal()).set(drivername="postgresql")
    return _quoted(found._replace(password=None).render_as_string())


def _quoted(word: object) -> str:
    return shlex.quote(str(word))
