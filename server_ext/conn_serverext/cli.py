"""The commands that the server side brings to ``jupyter connections``.

The command line finds them by the entry-point group ``jupyter_connections.commands``:
neither side imports the other. A command imports what it needs when it runs, so that
``--help`` is instant.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from . import (
    _cli_audit,
    _cli_backup,
    _cli_config,
    _cli_config_jobs,
    _cli_key,
    _cli_serve,
    _cli_service,
)

app = typer.Typer(
    name="jupyter connections",
    help="Reach third-party services from notebooks, without ever handling a secret.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(_cli_audit.app)
app.add_typer(_cli_service.app)
app.add_typer(_cli_config.app)
_cli_config_jobs.add_to(_cli_config.app)
app.add_typer(_cli_key.app)
for _command in (_cli_backup.backup, _cli_backup.restore, _cli_backup.migrate):
    app.command()(_command)
app.command()(_cli_serve.serve)


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


@app.callback()
def _only_commands() -> None:
    """Keep the name of a command in front of its words, however few there are."""


def summaries() -> dict[str, str]:
    """Return what the commands do, by name, in the order people read them."""
    return dict(_summaries_in(app))


def _summaries_in(group: typer.Typer, before: str = "") -> Iterator[tuple[str, str]]:
    for command in group.registered_commands:
        called = command.callback
        name = command.name or getattr(called, "__name__", "")
        first_line = (called.__doc__ or "").split("\n")[0]
        yield f"{before}{name}", first_line.removesuffix(".")
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            name = inner.typer_instance.info.name
            yield from _summaries_in(inner.typer_instance, f"{before}{name} ")


def run(words: Sequence[str]) -> None:
    """Run one line.

    Args:
        words: A command's name, and what follows it.

    Raises:
        SystemExit: Always, with the exit code.
        ConnectionsError: Whatever the command met.
    """
    app(list(words), prog_name="jupyter connections")


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
