"""Dropbox."""

import json
from pathlib import Path

from ._task import answer_of, client_for

_UPLOAD = "https://content.dropboxapi.com/2/files/upload"
#: Files go in one request; Dropbox wants larger ones in parts.
_LARGEST = 150 * 1024 * 1024


def send_file(
    path: str | Path, *, folder: str = "", connection: str | None = None
) -> str:
    """Send a file, up to 150 MiB; one of the same name is kept beside it.

    Args:
        path: The file.
        folder: Where to, such as ``/reports``; the top when empty.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The new file's path in Dropbox.

    Raises:
        ValueError: If the file is larger.
        ConnectionsError: If it could not be sent.
    """
    file = Path(path)
    if file.stat().st_size > _LARGEST:
        msg = f"{file.name} is larger than 150 MiB"
        raise ValueError(msg)
    dropbox = client_for("dropbox.send_file", connection=connection)
    target = {"path": f"{folder.rstrip('/')}/{file.name}", "autorename": True}
    headers = {
        "Dropbox-API-Arg": json.dumps(target),
        "Content-Type": "application/octet-stream",
    }
    response = dropbox.post(_UPLOAD, content=file.read_bytes(), headers=headers)
    return str(answer_of(response, doing="take the file")["path_display"])
