"""``jupyter connections service``: for those who describe services."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from conn_core.errors import ConnectionsError, InvalidInput, ServiceNotFound

app = typer.Typer(
    name="service",
    help="Check and prove descriptions of services.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help="Catalogue files (TOML).")
]


@app.command()
def validate(files: Files) -> None:
    """Say in words what is wrong with the services of catalogue files."""
    problems = 0
    for file in files:
        found = list(_problems_of(file))
        for problem in found:
            typer.echo(f"{file}: {problem}")
        problems += len(found)
    if problems:
        typer.echo(f"{_counted(problems, 'problem')} to solve", err=True)
        raise typer.Exit(1)
    typer.echo(f"{_counted(len(files), 'file')} checked, nothing is wrong")


@app.command()
def prove(
    target: Annotated[
        str, typer.Argument(metavar="ID|FILE", help="A service, or a catalogue file.")
    ],
) -> None:
    """Run a service's own flow against a scripted provider that behaves as it says."""
    from conn_core import catalog  # noqa: PLC0415 - only when used

    failed = 0
    for record in _records_of(target):
        typer.echo(f"{record['name']} ({record['id']})")
        try:
            for line in catalog.prove(record):
                typer.echo(f"  ok  {line}")
        except InvalidInput as error:
            failed += 1
            typer.echo(f"  --  {error.message}")
    if failed:
        typer.echo(f"{_counted(failed, 'service')} not proven", err=True)
        raise typer.Exit(1)
    typer.echo("Proven against a scripted provider; the real one was not asked")


def _problems_of(file: Path) -> Iterator[str]:
    from conn_core import catalog  # noqa: PLC0415 - only when used

    try:
        yield from catalog.problems_in(file)
    except ConnectionsError as error:
        yield error.message


def _records_of(target: str) -> list[Mapping[str, Any]]:
    from conn_core import catalog  # noqa: PLC0415 - only when used

    if Path(target).suffix == ".toml":
        return list(catalog.read_records(Path(target)))
    return [_service(target)]


def _service(service_id: str) -> Mapping[str, Any]:
    """Return a service of ours as a record.

    Raises:
        ServiceNotFound: If there is none.
    """
    from conn_core.catalog import Catalog  # noqa: PLC0415 - only when used

    found = Catalog().get(service_id)
    if found is not None:
        return found.model_dump(exclude_unset=True)
    raise ServiceNotFound(
        f"There is no service called '{service_id}'",
        "Name a service, or a file that ends in .toml",
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
