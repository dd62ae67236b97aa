"""Google Drive."""

import json
import mimetypes
import uuid
from pathlib import Path

from ._task import answer_of, client_for

#: Files go in one request; Google wants larger ones in parts.
_LARGEST = 5 * 1024 * 1024


def send_file(
    path: str | Path, *, folder: str = "", connection: str | None = None
) -> str:
    """Send a file, up to 5 MiB.

    Args:
        path: The file.
        folder: The folder's id; the top when empty.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The new file's id.

    Raises:
        ValueError: If the file is larger.
        ConnectionsError: If it could not be sent.
    """
    file = Path(path)
    if file.stat().st_size > _LARGEST:
        msg = f"{file.name} is larger than 5 MiB"
        raise ValueError(msg)
    drive = client_for("google_drive.send_file", connection=connection)
    facts = {"name": file.name} | ({"parents": [folder]} if folder else {})
    boundary = uuid.uuid4().hex
    response = drive.post(
        "upload/drive/v3/files",
        params={"uploadType": "multipart", "fields": "id"},
        content=_related(json.dumps(facts).encode(), file, boundary),
        headers={"Content-Type": f"multipart/related; boundary={boundary}"},
    )
    return str(answer_of(response, doing="take the file")["id"])


def _related(facts: bytes, file: Path, boundary: str) -> bytes:
    """Write the two parts of an upload: what the file is, and the file (RFC 2387)."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    parts = (("application/json; charset=UTF-8", facts), (kind, file.read_bytes()))
    written = b"".join(
        f"--{boundary}\r\nContent-Type: {name}\r\n\r\n".encode() + content + b"\r\n"
        for name, content in parts
    )
    return written + f"--{boundary}--\r\n".encode()
