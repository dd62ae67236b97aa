"""Running a whole notebook without a person: by papermill, in a process of its own."""

import json
import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from conn_core.errors import ConnectionsError, InvalidInput, MissingPackage

from ._child import run_child

#: As papermill reads what follows ``-p``.
_WORDS: Final[dict[str, object]] = {"True": True, "False": False, "None": None}
_LONGEST_TEXT: Final = 600


class NotebookFailed(ConnectionsError):
    """A cell of the notebook failed."""

    code = "notebook_failed"


def run_notebook(notebook: Path, output: Path, parameters: Mapping[str, str]) -> None:
    """Run a notebook, and write what it did into another one.

    Args:
        notebook: What to run.
        output: Where it goes; written cell by cell, so a failed run is there too.
        parameters: By name, as they were typed.

    Raises:
        MissingPackage: If papermill is not installed.
        NotebookFailed: If a cell failed; with the error's own words.
    """
    if find_spec("papermill") is None:
        raise MissingPackage(
            "papermill runs notebooks, and is not installed",
            "Run %pip install 'jupyter-connections[jobs]'",
        )
    order = {
        "input": str(notebook),
        "output": str(output),
        "parameters": {name: typed(text) for name, text in parameters.items()},
        "kernel": _kernel_of(notebook),
    }
    environ = os.environ | {"JPY_SESSION_NAME": str(notebook)}
    command = [sys.executable, "-m", "conn_magics._papermill"]
    code, said, complained = run_child(
        command, environ=environ, given=json.dumps(order).encode()
    )
    if code:
        last = complained.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotebookFailed(
            f"The run of '{notebook}' ended before its time (exit code {code}). {last}"
        )
    _raise_what_failed(notebook, json.loads(said))


def default_output(notebook: Path) -> Path:
    """Return where a run is written when nobody says."""
    return notebook.with_name(f"{notebook.stem}.out.ipynb")


def refuse_overwriting(notebook: Path, output: Path) -> None:
    """Raise InvalidInput if the output is the notebook itself."""
    if output.resolve() == notebook.resolve():
        raise InvalidInput(
            f"The output would overwrite '{notebook}'", "Name another file for it"
        )


def typed(text: str) -> object:
    """Return what a parameter means: a number, True, False, None, else a text."""
    if text in _WORDS:
        return _WORDS[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _kernel_of(notebook: Path) -> str | None:
    """Return the kernel to use where the notebook names none."""
    metadata: Any = json.loads(notebook.read_bytes()).get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return None if isinstance(spec, dict) and spec.get("name") else "python3"


def _raise_what_failed(notebook: Path, ended: Mapping[str, str]) -> None:
    if not ended:
        return
    text = " ".join(f"{ended['error']}: {ended['text']}".split())[:_LONGEST_TEXT]
    where = f"{ended['cell']} of '{notebook}' failed" if ended["cell"] else ""
    raise NotebookFailed(". ".join(filter(None, (where, text))))
