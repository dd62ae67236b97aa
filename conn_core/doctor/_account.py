"""Checks of this account and machine: packages, folders, the server's handle, the hub."""

import os
import stat
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from ..broker import handle_path, read_handle
from ..errors import ConnectionsError
from ..store import journal_mode_for, refuse_without_locks
from ._finding import Finding, fine, note, problem
from ._patient import Patient

_DISTRIBUTION = "jupyter-connections"
_ENDPOINT = "JUPYTER_CONNECTIONS_ENDPOINT"


def versions(_: Patient) -> Iterator[Finding]:
    """Look whether every package is as new as it must be."""
    old = list(_too_old())
    for name, found, wanted in old:
        yield problem(
            "versions",
            f"{name} {found} is installed, and {wanted} is needed",
            f"Run %pip install --upgrade '{name}{wanted}'",
        )
    if not old:
        yield fine("versions", "Every package is as new as it must be")


def _too_old() -> Iterator[tuple[str, str, str]]:
    from packaging.requirements import (  # noqa: PLC0415 - only when used
        Requirement,
    )

    for line in metadata.requires(_DISTRIBUTION) or ():
        wanted: Any = Requirement(line)
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            continue  # one of an extra; the others would not let us come here
        if not wanted.specifier.contains(found, prereleases=True):
            yield wanted.name, found, str(wanted.specifier)


def folders(patient: Patient) -> Iterator[Finding]:
    """Look whether others can read what is ours."""
    folder = patient.settings.data_dir
    if not folder.exists():
        yield fine("folder", f"{folder} is not there yet: the first use makes it")
        return
    keys = folder / "keys"
    wrong = [
        *_too_open(folder, 0o700),
        *_too_open(keys, 0o700),
        *(wrong for file in keys.glob("*.key*") for wrong in _too_open(file, 0o600)),
        *(
            wrong
            for file in folder.glob("connections.db*")
            for wrong in _too_open(file, 0o600)
        ),
    ]
    yield from wrong
    if not wrong:
        yield fine("folder", f"{folder} is readable for this account only")


def jobs(patient: Patient) -> Iterator[Finding]:
    """Look whether others can read what jupyter-scheduler keeps of failed jobs.

    It makes its database as the umask says, and writes the text of a cell's error into
    it: ours hold no credential, those of other people's code may.
    """
    path = patient.scheduler
    if path is None or not path.exists():
        return
    wrong = [*_too_open(path, 0o600, name="jobs")]
    yield from wrong
    if not wrong:
        yield fine("jobs", f"{path} is readable for this account only")


def _too_open(path: Path, most: int, *, name: str = "folder") -> Iterator[Finding]:
    if os.name != "posix" or not path.exists():
        return
    found = path.stat()
    if found.st_uid != os.getuid():
        yield problem(
            name,
            f"{path} belongs to somebody else",
            f"Run sudo chown {os.getuid()} '{path}'",
        )
    elif stat.S_IMODE(found.st_mode) & ~most & 0o077:
        mode = stat.S_IMODE(found.st_mode)
        yield problem(
            name,
            f"Other people can read {path} (mode {mode:o})",
            f"Run chmod {most:o} '{path}'",
        )


def locks(patient: Patient) -> Iterator[Finding]:
    """Look whether two can hold a lock at once, and whether machines share the file."""
    folder = patient.settings.data_dir
    if patient.database is not None or not folder.exists():
        return
    try:
        refuse_without_locks(folder)
    except ConnectionsError as error:
        yield problem("locks", error.message, error.hint)
        return
    if journal_mode_for(patient.file) == "DELETE":
        yield note(
            "locks",
            f"{folder} is on a network file system: slower, and only as safe as its locks",
            "Name a folder on a disk of this machine in JUPYTER_CONNECTIONS_DATA_DIR",
        )
    else:
        yield fine("locks", "Locks hold here")


def handle(patient: Patient) -> Iterator[Finding]:
    """Look whether the server that this process inherited can be spoken to."""
    endpoint = patient.environ.get(_ENDPOINT)
    if not endpoint:
        return
    path = handle_path(patient.settings.runtime_dir, endpoint)
    mend = "Restart the Jupyter server, then the kernel"
    try:
        found = read_handle(patient.settings.runtime_dir, endpoint)
    except PermissionError as error:
        yield problem(
            "handle", f"The handle of the server is not trusted: {error}", mend
        )
        return
    if found is None:
        text = (
            f"The server at {endpoint} left no handle: {path} is missing or another's"
        )
        yield problem("handle", text, mend)
    else:
        yield fine("handle", f"The server at {endpoint} left its handle")


def redirects(patient: Patient) -> Iterator[Finding]:
    """Look where services send browsers back to."""
    url = patient.settings.public_url
    if url is not None:
        yield fine("redirect URL", f"Services send browsers back to {url}callback/…")


def hub(patient: Patient) -> Iterator[Finding]:
    """Look whether people of a hub share one origin."""
    on_hub = patient.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if on_hub and not patient.environ.get("JUPYTERHUB_HOST"):
        yield note(
            "hub",
            "This hub has no subdomains: pages of its users share one origin, and "
            "JupyterHub guarantees nothing between people who do not trust each other",
            "Set c.JupyterHub.subdomain_host",
        )
