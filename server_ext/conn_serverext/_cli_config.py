"""``jupyter connections config``: blocks of configuration to paste, ready to run.

A printer is a function that prints one block. It is a command of this group; another
file adds its own with ``app.command("airflow")``, and is imported by ``cli``.
"""

from typing import Annotated, Final

import typer

app = typer.Typer(
    name="config",
    help="Print configuration to paste, for a hub, a proxy or a scheduler.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
