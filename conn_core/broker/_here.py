"""Which notebook or job this process runs, as far as its surroundings say.

Of a notebook that runs without a person the SHA-256 is said, too: what ran can be compared
with what was scheduled. It is this process that says so, and could say something else.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ..jobs import digest_of, digest_shown, is_digest

SESSION: Final = "JPY_SESSION_NAME"
#: Where ``jupyter connections run`` says the SHA-256 of the notebook that it runs.
DIGEST: Final = "JUPYTER_CONNECTIONS_NOTEBOOK_SHA256"
_PARENT: Final = "JPY_PARENT_PID"
#: jupyter-scheduler runs a job in a folder of its own below this one.
_STAGING: Final = "scheduler_staging_area"
_NOTEBOOK: Final = ".ipynb"
#: So that the digest behind it always fits into what is kept of a place.
_LONGEST_NAME: Final = 200


def place_here(
    environ: Mapping[str, str],
    *,
    folder: Path | None = None,
    command_of: Callable[[str], str] | None = None,
) -> str:
    """Return the notebook that runs, empty where nobody says.

    Jupyter Server tells its kernels. jupyter-scheduler, nbconvert and papermill do not:
    the first runs in a folder that it made for the notebook, the others name it in
    their own command line.

    Args:
        environ: The environment.
        folder: Where this process works; asked for when absent.
        command_of: Returns the command line of a process.
    """
    told, digest = environ.get(SESSION, ""), environ.get(DIGEST, "")
    if told:
        return f"{_short(told)} ({digest_shown(digest)})" if is_digest(digest) else told
    folder = folder or _folder_here()
    if folder.parent.name == _STAGING:
        return _scheduled_in(folder)
    parent = environ.get(_PARENT, "")
    words = (
        (command_of or _command_of)(parent).split("\0") if parent.isdecimal() else []
    )
    return next((w for w in words if w.endswith(_NOTEBOOK)), "")


def _folder_here() -> Path:
    try:
        return Path.cwd()
    except OSError:  # it was deleted under this process
        return Path()


def _scheduled_in(folder: Path) -> str:
    """Name the job's notebook, unless others were packed beside it."""
    try:
        found = list(folder.glob(f"*{_NOTEBOOK}"))
    except OSError:
        found = []
    if len(found) != 1:
        return "a scheduled job"
    said = ", ".join(filter(None, ("scheduled", digest_shown(digest_of(found[0])))))
    return f"{_short(found[0].name)} ({said})"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


def _command_of(process: str) -> str:
    """Return a command line, its words apart by null characters; Linux shows it."""
    try:
        return Path("/proc", process, "cmdline").read_text(errors="replace")
    except OSError:
        return ""
