"""The notebooks that somebody may mean: those beside the one that runs."""

import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

#: Where Jupyter Server tells a kernel its notebook.
_SESSION = "JPY_SESSION_NAME"
_MOST = 200


class Notebooks(NamedTuple):
    """What is there.

    Attributes:
        names: To choose from.
        running: The one that runs; empty where nobody says, or it is elsewhere.
    """

    names: list[str]
    running: str


def notebooks_here(
    environ: Mapping[str, str] = os.environ, *, folder: Path | None = None
) -> Notebooks:
    """Return the notebooks of a folder.

    Args:
        environ: Says which notebook runs, where anything does.
        folder: Where this process works; asked for when absent.
    """
    try:
        found = sorted(islice(_notebooks_in(folder or Path.cwd()), _MOST))
    except OSError:  # it was deleted, or is somebody else's
        found = []
    running = Path(environ.get(_SESSION, "")).name
    return Notebooks(found, running if running in found else "")


def _notebooks_in(folder: Path) -> Iterator[str]:
    return (path.name for path in folder.glob("*.ipynb") if path.is_file())
