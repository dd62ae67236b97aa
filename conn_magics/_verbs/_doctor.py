"""The verb that names every problem, and the command that mends it."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .._blocks import Cell, Note, Sentence, Table
from .._desk import Desk
from .._holder import settings_here
from .._verb import argument, verb
from .._views import View

if TYPE_CHECKING:
    from conn_core.doctor import Finding

_NEEDED: Final = frozenset({"database", "key"})
_ENDPOINT: Final = "JUPYTER_CONNECTIONS_ENDPOINT"
_SHARED: Final = "JUPYTER_CONNECTIONS_DATABASE_URL_FILE"


@verb(
    "doctor",
    argument(
        "--salvage",
        metavar="FILE",
        help="copy what can be read of a damaged database into a new file",
    ),
    reading=True,
)
def doctor(desk: Desk, *, salvage: str | None = None) -> View:
    """Name every problem here, and the command that mends it."""
    if salvage is not None:
        return _salvaged(Path(salvage))
    findings = _examined()
    broken = any(f.state == "problem" and f.name in _NEEDED for f in findings)
    # Without a server it would open what is broken, or is everybody's, once more.
    if os.environ.get(_ENDPOINT) or not (broken or os.environ.get(_SHARED)):
        findings = (*_reached(desk), *findings)
    return _shown(findings)


def _examined() -> "tuple[Finding, ...]":
    from jupyter_core.paths import jupyter_data_dir

    from conn_core.broker import way_out
    from conn_core.doctor import Patient, address_in, examine

    settings = settings_here()
    asks = way_out(settings)
    try:
        return examine(
            Patient(
                settings=settings,
                environ=os.environ,
                now=time.time(),
                way_out=asks,
                database=address_in(os.environ),
                scheduler=Path(jupyter_data_dir()) / "scheduler.sqlite",
            )
        )
    finally:
        asks.close()


def _reached(desk: Desk) -> "tuple[Finding, ...]":
    """Say where credentials come from, or why from nowhere."""
    from conn_core import __version__
    from conn_core.doctor import Finding
    from conn_core.errors import ConnectionsError

    name = "credentials"
    try:
        status = desk.broker.status()
    except ConnectionsError as error:
        return (
            Finding(name=name, state="problem", text=error.message, command=error.hint),
        )
    place = f"Credentials come from {status.location}, as {status.user}"
    if status.version and status.version != __version__:
        text = f"{place}; it runs version {status.version}, and this is {__version__}"
        mend = "Run %pip install --upgrade jupyter-connections, then restart both"
        return (Finding(name=name, state="problem", text=text, command=mend),)
    found = [Finding(name=name, state="ok", text=place)]
    if status.redirect_base is None:
        text = "No server here can receive a browser: authorize by code or by pasting"
        found.append(Finding(name="redirect URL", state="note", text=text))
    return tuple(found)


def _shown(findings: "tuple[Finding, ...]") -> View:
    problems = [each for each in findings if each.state == "problem"]
    rows = tuple(
        (
            Cell(each.name),
            Cell(each.state),
            Cell(each.text),
            Cell(each.command, "command"),
        )
        for each in sorted(findings, key=lambda each: each.state != "problem")
    )
    return View(
        _verdict(len(problems)),
        Table(("Looked at", "State", "What was found", "To mend it"), rows),
        data={
            "items": [each.to_json() for each in findings],
            "problems": len(problems),
        },
        outcome="failed" if problems else "ok",
    )


def _verdict(problems: int) -> Sentence:
    if not problems:
        return Sentence("Nothing is wrong here", "ok")
    what = "problem" if problems == 1 else "problems"
    return Sentence(f"{problems} {what} to mend", "bad")


def _salvaged(copy: Path) -> View:
    from conn_core.broker import DATABASE
    from conn_core.store import salvage

    file = settings_here().data_dir / DATABASE
    found = salvage(file, copy)
    rows = sum(found.rows.values())
    data: dict[str, Any] = {"file": str(copy), "rows": found.rows}
    data["torn"] = list(found.torn)
    torn = ", ".join(found.torn)
    return View(
        Sentence(f"{rows} rows are copied to {copy}; {file} is as it was", "ok"),
        *([Sentence(f"Some rows cannot be read of: {torn}", "todo")] if torn else []),
        Note(f"Then run jupyter connections restore {copy} --replace"),
        data=data,
    )
