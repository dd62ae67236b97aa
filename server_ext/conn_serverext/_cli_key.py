"""``jupyter connections key``: the master key that seals everything."""

import getpass
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conn_core import Secret, os_user

from ._cli_here import core_here, settings_here, store_here

if TYPE_CHECKING:
    from conn_core.broker import KeyFacts, KeyStatus

app = typer.Typer(
    name="key",
    help="Look after the master key that seals everything.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Say where the keys are, and how many rows each has sealed."""
    from conn_core.broker import key_status  # noqa: PLC0415 - only when used

    with store_here() as store:
        found = key_status(settings_here(), store)
    if as_json:
        _print_json(found.to_json())
    else:
        _print_status(found)
    if found.problem is not None:
        raise typer.Exit(1)


@app.command()
def rotate(*, as_json: AsJson = False) -> None:
    """Seal everything with a new key, while everybody goes on."""
    from conn_core import broker  # noqa: PLC0415 - only when used

    with core_here() as core:
        done = broker.rotate(core, by=os_user())
        others = core.vault.key_ids[1:]
    if as_json:
        _print_json(done.to_json())
    else:
        what = "A new key" if done.added else "The rotation that had begun is done: key"
        rows = f"{done.wrapped} row{'' if done.wrapped == 1 else 's'}"
        typer.echo(f"{what} {done.key} seals everything. Wrapped again: {rows}")
        for row in done.left:
            typer.echo(f"This row does not open and stays as it is: {row}")
        for key in others:
            typer.echo(
                f"In a quarter of an hour, run jupyter connections key retire {key}"
            )
    if done.left:
        raise typer.Exit(1)


@app.command()
def retire(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The id of the key.")],
    *,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Nothing else is running.")
    ] = False,
) -> None:
    """Take away a key that nothing is sealed with any more."""
    from conn_core import broker  # noqa: PLC0415 - only when used

    with core_here() as core:
        kid = broker.retire(core, key, by=os_user(), at_once=at_once)
    typer.echo(f"The key {kid} is gone. Backups from before need it still")


@app.command("recovery-code")
def recovery_code() -> None:
    """Show the key as a code to write down; it is kept nowhere else."""
    from conn_core import broker  # noqa: PLC0415 - only when used

    with core_here() as core:
        code, kid = broker.code_of(core), core.vault.newest_id
    typer.echo(
        f"The recovery code of key {kid}. Whoever has it and the store has all",
        err=True,
    )
    typer.echo(code.reveal())


@app.command()
def recover() -> None:
    """Bring a lost key back from its recovery code, which is typed or piped in."""
    from conn_core import broker  # noqa: PLC0415 - only when used

    typed = _typed("Recovery code: ")
    with store_here() as store:
        kid, where = broker.recover(settings_here(), store, typed)
    typer.echo(f"The key {kid} is back, in the {where}")
    typer.echo("Servers that run take it by themselves; others start as usual")


def _typed(question: str) -> Secret:
    """Read what is secret: unseen at a terminal, else one line of standard input."""
    if sys.stdin.isatty():
        return Secret(getpass.getpass(question))
    return Secret(sys.stdin.readline().strip())


def _print_json(found: Any) -> None:
    typer.echo(json.dumps(found, indent=2 if sys.stdout.isatty() else None))


def _print_status(found: "KeyStatus") -> None:
    if found.source:
        typer.echo(f"Keys are in the {found.source}")
    for key in found.keys:
        typer.echo(_line(key))
    if not found.keys:
        typer.echo("No key is there yet: the first connection makes one")
    if found.problem is not None:
        typer.echo(str(found.problem), err=True)


def _line(key: "KeyFacts") -> str:
    state = "newest" if key.newest else "older" if key.here else "not here"
    rows = ", ".join(f"{number} {table}" for table, number in key.rows.items())
    since = ""
    if key.noted_at is not None:
        since = (
            f", since {datetime.fromtimestamp(key.noted_at, UTC):%Y-%m-%d %H:%M} UTC"
        )
    return f"{key.id}  {state:<8}  {rows or 'nothing'}{since}"
