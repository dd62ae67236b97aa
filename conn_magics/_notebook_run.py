"""Running a whole notebook without a person: by papermill, in a process of its own."""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from conn_core.broker import DIGEST, SESSION
from conn_core.errors import ConnectionsError, InvalidInput, MissingPackage

from ._child import run_child

#: As papermill reads what follows ``-p``.
_WORDS: Final[dict[str, object]] = {"True": True, "False": False, "None": None}
_LONGEST_TEXT: Final = 600


class NotebookFailed(ConnectionsError):
    """A cell of the notebook failed."""

    code = "notebook_failed"


class NotebookChanged(ConnectionsError):
    """It is not the notebook that was to be run."""

    code = "notebook_changed"


def run_notebook(
    notebook: Path, output: Path, parameters: Mapping[str, str], *, sha256: str = ""
) -> None:
    """Run a notebook, and write what it did into another one.

    It is read once: what is compared with ``sha256``, what the log is told and what runs
    are the same bytes, whoever may change the file meanwhile.

    Args:
        notebook: What to run.
        output: Where it goes; written cell by cell, so a failed run is there too.
        parameters: By name, as they were typed.
        sha256: What its SHA-256 has to be, in hex; anything when empty.

    Raises:
        MissingPackage: If papermill is not installed.
        NotebookChanged: If it is not the notebook that ``sha256`` names.
        NotebookFailed: If a cell failed; with the error's own words.
    """
    if find_spec("papermill") is None:
        raise MissingPackage(
            "papermill runs notebooks, and is not installed",
            "Run %pip install 'jupyter-connections[jobs]'",
        )
    source = notebook.read_bytes()
    digest = hashlib.sha256(source).hexdigest()
    if sha256 and digest != sha256:
        raise _changed(notebook, digest)
    order = {
        "input": str(notebook),
        "source": source.decode(),
        "output": str(output),
        "parameters": {name: typed(text) for name, text in parameters.items()},
        "kernel": _kernel_of(source),
    }
    told = {SESSION: str(notebook), DIGEST: digest}
    environ = os.environ | told
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


def _changed(notebook: Path, digest: str) -> NotebookChanged:
    return NotebookChanged(
        f"Nothing was run: '{notebook}' is not the notebook that --sha256 names. Its "
        f"SHA-256 is {digest}",
        "Read what changed in it, then put that in the place of the old one",
    )


def _kernel_of(source: bytes) -> str | None:
    """Return the kernel to use where the notebook names none."""
    metadata: Any = json.loads(source).get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return None if isinstance(spec, dict) and spec.get("name") else "python3"


def _raise_what_failed(notebook: Path, ended: Mapping[str, str]) -> None:
    if not ended:
        return
    text = " ".join(f"{ended['error']}: {ended['text']}".split())[:_LONGEST_TEXT]
    where = f"{ended['cell']} of '{notebook}' failed" if ended["cell"] else ""
    raise NotebookFailed(". ".join(filter(None, (where, text))))
