"""Verbs that run something without a person: run, exec."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conn_core.errors import InvalidInput

from .._blocks import Code, Note, Sentence
from .._desk import Desk
from .._usage import UsageError
from .._verb import argument, verb
from .._views import View
from ._checking import checked
from ._functions import function_called, pairs_of
from ._granting import lifetime

if TYPE_CHECKING:
    from conn_core import BrokerStatus

_NOTEBOOK: Final = ".ipynb"
_GRANT: Final = "JUPYTER_CONNECTIONS_GRANT"


@verb(
    "run",
    argument(
        "what",
        metavar="NOTEBOOK[:FUNCTION]",
        help="a notebook, or one function of it",
        completes="function",
    ),
    argument("output", nargs="?", metavar="OUT", help="where the run is written"),
    argument(
        "-p",
        "--parameter",
        action="append",
        default=[],
        metavar="k=v",
        help="the value of a parameter; may be repeated",
        only="magic",
    ),
    argument(
        "-p",
        "--parameter",
        action="append",
        nargs=2,
        default=[],
        metavar=("k", "v"),
        help="the value of a parameter; may be repeated",
        only="command",
    ),
    argument(
        "--sha256",
        metavar="HEX",
        help="run it only if this is its SHA-256: nobody has changed it",
    ),
    argument(
        "--allow-secrets",
        action="store_true",
        help="take parameters that look like secrets: they are stored in clear",
    ),
)
def run(
    desk: Desk,
    *,
    what: str,
    output: str | None = None,
    parameter: Sequence[Any] = (),
    sha256: str | None = None,
    allow_secrets: bool = False,
) -> Any:
    """Run a notebook without a person, or a function of one: checked first."""
    values = pairs_of(parameter)
    wanted = "" if sha256 is None else _digest_in(sha256)
    if not what.endswith(_NOTEBOOK):
        if wanted:
            raise UsageError("--sha256 is of a whole notebook, not of a function")
        return _run_function(desk, what, values)
    if not allow_secrets:
        _refuse_secrets(values)
    return _run_notebook(desk, Path(what), output, values, sha256=wanted)


def _digest_in(typed: str) -> str:
    """Read a SHA-256, however its letters are written.

    Raises:
        UsageError: If it is none.
    """
    from conn_core.jobs import is_digest

    digest = typed.strip().lower()
    if not is_digest(digest):  # nothing, too: a variable that is not set
        raise UsageError(
            "--sha256 takes 64 hexadecimal digits, as sha256sum shows them"
        )
    return digest


def _run_function(desk: Desk, called: str, values: Mapping[str, str]) -> Any:
    from ..functions._asked import NotReadable, read_answers
    from ..functions._run import run_to_end

    found = function_called(called)
    try:
        answers = read_answers(found, dict(values))
    except NotReadable as error:
        raise UsageError(f"{called}: {error}") from None
    result = run_to_end(found, answers)
    if not desk.around.command:
        return result
    return View(Code(repr(result)), data={"result": repr(result)})


def _refuse_secrets(values: Mapping[str, str]) -> None:
    from conn_core.jobs import looks_secret

    for name, value in values.items():
        if looks_secret(name, value):
            raise InvalidInput(
                f"The parameter '{name}' looks like a secret, and a run's parameters are "
                "stored in clear in its output",
                "Use a connection instead; --allow-secrets runs it all the same",
            )


def _run_notebook(
    desk: Desk,
    notebook: Path,
    output: str | None,
    values: Mapping[str, str],
    *,
    sha256: str,
) -> View:
    from .._notebook_run import default_output, refuse_overwriting, run_notebook

    ready = checked(desk, [str(notebook)])
    if ready.outcome != "ok":
        return ready
    written = Path(output) if output else default_output(notebook)
    refuse_overwriting(notebook, written)
    desk.say(f"Running {notebook} …\n")
    run_notebook(notebook, written, values, sha256=sha256)
    return View(
        Sentence(f"'{notebook}' has run without an error", "ok"),
        Note(f"What it did is in {written}"),
        data={"notebook": str(notebook), "output": str(written)},
    )


@verb(
    "exec",
    argument(
        "names",
        nargs="+",
        metavar="NAME",
        help="what the command may use; the command stands behind --",
        completes="connection",
    ),
    argument("--ttl", default="1d", metavar="1d", help="how long: 90m, 12h, 30d"),
    argument("--direct", action="store_true", help="it may have the tokens themselves"),
    only="command",
    takes_command=True,
)
def execute(
    desk: Desk,
    *,
    names: Sequence[str],
    command: Sequence[str],
    ttl: str = "1d",
    direct: bool = False,
) -> View:
    """Run a command that may use some connections and no others: exec NAME… -- CMD …."""
    if not command:
        raise UsageError("Write the command behind --: exec github -- python report.py")
    ready = checked(desk, list(names))
    if ready.outcome != "ok":
        return ready
    with tempfile.TemporaryDirectory(prefix="connections-") as folder:
        path = Path(folder) / "grant.json"
        environ, end = _granted_environment(desk, names, path, ttl=ttl, direct=direct)
        try:
            raise SystemExit(_code_of(command, environ))
        finally:
            end()


def _code_of(command: Sequence[str], environ: Mapping[str, str]) -> int:
    from .._child import run_child

    code, _, _ = run_child(command, environ=environ)
    return code


def _granted_environment(
    desk: Desk, names: Sequence[str], path: Path, *, ttl: str, direct: bool
) -> tuple[dict[str, str], Any]:
    """Return the environment of a command, and what ends what was granted to it."""
    from conn_core.broker._variables import link_names_in

    environ = dict(os.environ)
    brought = {
        n for n in names if n.lower().replace("_", "-") in link_names_in(environ)
    }
    _forget_variables(environ, kept=brought)
    wanted = [name for name in names if name not in brought]
    if not wanted or environ.get(_GRANT):
        return environ, _nothing  # a job's own grant cannot make a smaller one
    status = desk.broker.status()
    if status.kind != "server":
        _say_whose(desk, status)
        return environ, _nothing
    grant_id = _grant(desk, wanted, path, status, ttl=ttl, direct=direct)
    environ[_GRANT] = str(path)
    environ.pop("JUPYTER_CONNECTIONS_ENDPOINT", None)
    return environ, lambda: desk.broker.revoke_grant(grant_id)


def _forget_variables(environ: dict[str, str], *, kept: set[str]) -> None:
    """Leave the command only those connections of the environment that it may use."""
    from conn_core.broker._variables import link_names_in, variable_of

    kept = {name.lower().replace("_", "-") for name in kept}
    for name in link_names_in(environ):
        if name not in kept:
            environ.pop(variable_of(name), None)


def _grant(
    desk: Desk,
    names: Sequence[str],
    path: Path,
    status: "BrokerStatus",
    *,
    ttl: str,
    direct: bool,
) -> str:
    from conn_core import GrantDraft, read_draft

    from .._grants import grant_into

    draft = {
        "name": "exec",
        "connections": list(names),
        "ttl": lifetime(ttl).total_seconds(),
        "exposure": "direct" if direct else "sealed",
    }
    # The way there is the one that has just been gone.
    made, _ = grant_into(
        path,
        desk.broker,
        read_draft(GrantDraft, draft),
        endpoint=status.location,
        insecure=True,
    )
    return made.grant.id


def _say_whose(desk: Desk, status: "BrokerStatus") -> None:
    """Say that nothing is held back where there is no server to do that."""
    desk.show(
        View(
            Note(
                f"No server is running here: the command opens the store of {status.user} "
                "itself, and could use all that is in it"
            )
        )
    )


def _nothing() -> None:
    """End nothing: nothing was granted."""
