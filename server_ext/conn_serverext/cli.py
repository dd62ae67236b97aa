"""``jupyter connections``: the command line.

A verb imports what it needs when it runs: ``--help`` is instant.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from conn_core.errors import ConnectionsError, NeedsPerson

from . import _cli_service

app = typer.Typer(
    name="jupyter connections",
    help="Reach third-party services from notebooks, without ever handling a secret.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(_cli_service.app)

#: Exit codes: 0 ok, 1 failed, 2 mistyped (typer's own), 3 needs a person.
_FAILED = 1
_NEEDS_PERSON = 3


class App(StrEnum):
    """Which of Jupyter's two applications to open."""

    lab = "lab"
    notebook = "notebook"


TokenSeconds = Annotated[
    int,
    typer.Option(
        min=1,
        max=86_400,
        help="How long an access token of the practice service works.",
    ),
]


def main() -> None:
    """Run the command line; an error of ours is one line, never a traceback."""
    try:
        app()
    except ConnectionsError as error:
        typer.echo(str(error), err=True)
        code = _NEEDS_PERSON if isinstance(error, NeedsPerson) else _FAILED
        raise SystemExit(code) from None


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        from conn_core import __version__  # noqa: PLC0415 - only when asked

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    del version  # the callback has dealt with it


@app.command()
def demo(
    *,
    application: Annotated[
        App, typer.Option("--app", help="JupyterLab or Notebook 7.")
    ] = App.lab,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65_535, help="Jupyter's port; else a free one."),
    ] = None,
    access_token_seconds: TokenSeconds = 3600,
    print_ready: Annotated[
        bool,
        typer.Option(
            "--print-ready", help="Say where everything is in one line of JSON."
        ),
    ] = False,
) -> None:
    """Open Jupyter with a practice service. Offline; Ctrl-C leaves nothing behind."""
    from .demo import DemoOptions, run_demo  # noqa: PLC0415 - see above

    options = DemoOptions(
        app=application.value,
        browser=browser,
        port=port,
        access_token_seconds=access_token_seconds,
        print_ready=print_ready,
    )
    run_demo(options, say=_say)


@app.command()
def practice(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where to listen; 0: a free port.")
    ] = 0,
    access_token_seconds: TokenSeconds = 3600,
    folder: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="Where the catalogue file and the client's secret are meanwhile.",
        ),
    ] = None,
) -> None:
    """Run only the practice service, to test your own code against."""
    from .demo import run_practice  # noqa: PLC0415 - see above

    run_practice(
        port=port,
        access_token_seconds=access_token_seconds,
        folder=folder,
        say=_say,
    )


def _say(line: str) -> None:
    """Print a line at once; whoever reads may be gone already."""
    try:
        print(line, flush=True)  # noqa: T201 - this is the command line
    except OSError:
        return
