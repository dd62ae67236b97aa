"""``jupyter connections config airflow …``: documents for what runs notebooks elsewhere.

They name connections and the place of a grant. No secret is in them, so they can lie in
a repository.
"""

import re
from importlib import resources
from pathlib import PurePosixPath
from typing import Annotated, Final

import typer

from conn_core.errors import InvalidInput

#: What needs no quotation marks in YAML, in Python, in units and in shells.
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}")
_PLAIN_FOLDER: Final = re.compile(r"/[A-Za-z0-9_./-]{0,199}")
_PLAIN_NAMES: Final = re.compile(r"[a-z0-9_./@,-]{1,500}")
_CRON: Final = re.compile(r"[0-9*/,A-Za-z-]+( [0-9*/,A-Za-z-]+){4}")
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9_.:\[\]/%~-]{1,500}")

Notebook = Annotated[str, typer.Argument(metavar="NOTEBOOK", help="What runs.")]
Names = Annotated[str, typer.Option(help="The connections that it uses.")]
Cron = Annotated[str, typer.Option(help="When: minute hour day month weekday.")]
Folder = Annotated[str, typer.Option(help="Where the notebook is on that machine.")]
Endpoint = Annotated[str, typer.Option(help="Where that machine reaches the server.")]

_NOTEBOOK: Final = "report.ipynb"
_NAMES: Final = "github,finance-sheet"
_MORNING: Final = "0 6 * * *"
_FOLDER: Final = "/srv/notebooks"
_SERVER: Final = "https://lab.example.com/connections/"


def add_to(app: typer.Typer) -> None:
    """Make a command of each, in the group of what prints configuration."""
    for command in (airflow, systemd, kubernetes, github):
        app.command()(command)


def airflow(
    notebook: Notebook = _NOTEBOOK,
    *,
    names: Names = _NAMES,
    cron: Cron = _MORNING,
    folder: Folder = _FOLDER,
    endpoint: Endpoint = _SERVER,
) -> None:
    """Print a DAG whose PapermillOperator runs a notebook with a grant."""
    _print(
        "airflow",
        notebook=notebook,
        names=names,
        cron=cron,
        folder=folder,
        endpoint=endpoint,
    )


def systemd(
    notebook: Notebook = _NOTEBOOK,
    *,
    names: Names = _NAMES,
    folder: Folder = _FOLDER,
    endpoint: Endpoint = _SERVER,
) -> None:
    """Print a service and a timer; the grant is a credential of the service."""
    _print(
        "systemd",
        notebook=notebook,
        names=names,
        cron=_MORNING,
        folder=folder,
        endpoint=endpoint,
    )


def kubernetes(
    notebook: Notebook = _NOTEBOOK,
    *,
    names: Names = _NAMES,
    cron: Cron = _MORNING,
    folder: Folder = _FOLDER,
    endpoint: Endpoint = _SERVER,
) -> None:
    """Print a CronJob; the grant is a secret that is mounted read-only."""
    _print(
        "kubernetes",
        notebook=notebook,
        names=names,
        cron=cron,
        folder=folder,
        endpoint=endpoint,
    )


def github(
    notebook: Notebook = _NOTEBOOK,
    *,
    names: Names = _NAMES,
    cron: Cron = _MORNING,
    endpoint: Endpoint = _SERVER,
) -> None:
    """Print a workflow of GitHub Actions; the grant is a secret of the repository."""
    _print(
        "github",
        notebook=notebook,
        names=names,
        cron=cron,
        folder=_FOLDER,
        endpoint=endpoint,
    )


def _print(
    document: str, *, notebook: str, names: str, cron: str, folder: str, endpoint: str
) -> None:
    values = {
        "NOTEBOOK": _plain("The notebook's path", notebook, _PLAIN_PATH),
        "NAMES": _plain("--names", names, _PLAIN_NAMES),
        "CRON": _plain("--cron", cron, _CRON),
        "FOLDER": _plain("--folder", folder, _PLAIN_FOLDER).rstrip("/"),
        "ENDPOINT": _plain("--endpoint", endpoint, _ADDRESS),
        "ID": _id_of(notebook),
    }
    file = resources.files("conn_serverext.job_documents") / f"{document}.txt"
    text = file.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    typer.echo(text, nl=False)


def _id_of(notebook: str) -> str:
    """Return a name that every one of these systems takes."""
    stem = PurePosixPath(notebook).stem.lower()
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:50] or "notebook"


def _plain(what: str, text: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(text):
        raise InvalidInput(
            f"{what} '{text[:80]}' cannot stand in a document of this kind",
            "Use plain letters, and quote nothing",
        )
    return text
