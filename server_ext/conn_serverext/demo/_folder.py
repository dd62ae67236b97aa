"""A temporary folder that is really gone afterwards, and what a demo puts there."""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ._failure import LaunchFailed

FIRST_NOTEBOOK: Final = "00_first_connection.ipynb"
_PATIENCE_SECONDS: Final = 5.0


@contextmanager
def temporary_folder(purpose: str) -> Iterator[Path]:
    """Make a folder that only this person can enter (0700); delete it in the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"jupyter-connections-{purpose}-")).resolve()
    try:
        yield folder
    finally:
        _delete(folder)


def _delete(folder: Path) -> None:
    """Delete a folder, though a program that is just ending may still write to it."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            if time.monotonic() > until:
                raise LaunchFailed(
                    f"The folder {folder} could not be deleted ({error.strerror})",
                    "Delete it by hand",
                ) from error
            time.sleep(0.1)
        else:
            return


def write_private(path: Path, text: str) -> None:
    """Write a new file that only this person can read (0600).

    Raises:
        LaunchFailed: If there is a file of this name, or none can be made.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        number = os.open(path, flags, 0o600)
    except OSError as error:
        raise LaunchFailed(
            f"The file {path} cannot be written ({error.strerror})",
            "Name another folder, or delete the file if nobody uses it",
        ) from error
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)


def write_json(path: Path, value: Any) -> None:
    """Write a new private JSON file, with the folders it needs."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, json.dumps(value, indent=1))


def copy_notebooks(target: Path) -> None:
    """Copy the shipped notebooks.

    Raises:
        LaunchFailed: If this installation has none.
    """
    source = next((f for f in _shipped() if (f / FIRST_NOTEBOOK).is_file()), None)
    if source is None:
        raise LaunchFailed(
            "The notebooks are missing from this installation",
            "Install jupyter-connections again",
        )
    hidden = shutil.ignore_patterns(".*", "__pycache__", "conftest.py")
    shutil.copytree(source, target, ignore=hidden)


def _shipped() -> Iterator[Path]:
    """Name the places of the notebooks: in a wheel, and in a checkout."""
    here = Path(__file__).resolve()
    yield here.parent / "notebooks"
    yield here.parents[3] / "notebooks"


def write_kernel(data_dir: Path) -> None:
    """Let *Python 3* be the Python that runs us, whatever else is installed."""
    launcher = ["-Xfrozen_modules=off", "-m", "ipykernel_launcher"]
    write_json(
        data_dir / "kernels" / "python3" / "kernel.json",
        {
            "argv": [sys.executable, *launcher, "-f", "{connection_file}"],
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "metadata": {"debugger": True},
        },
    )
