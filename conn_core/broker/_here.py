"""Which notebook or job this process runs, as far as its surroundings say."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

SESSION: Final = "JPY_SESSION_NAME"
_PARENT: Final = "JPY_PARENT_PID"
#: jupyter-scheduler runs a job in a folder of its own below this one.
_STAGING: Final = "scheduler_staging_area"
_NOTEBOOK: Final = ".ipynb"


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
    told = environ.get(SESSION, "")
    if told:
        return told
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
        found = [path.name for path in folder.glob(f"*{_NOTEBOOK}")]
    except OSError:
        found = []
    return f"{found[0]} (scheduled)" if len(found) == 1 else "a scheduled job"


def _command_of(process: str) -> str:
    """Return a command line, its words apart by null characters; Linux shows it."""
    try:
        return Path("/proc", process, "cmdline").read_text(errors="replace")
    except OSError:
        return ""
