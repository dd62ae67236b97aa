"""What the operator leaves in files: addresses with passwords, and shared secrets."""

import os
import stat
from pathlib import Path

from conn_core import Secret
from conn_core.errors import InvalidInput


def read_secret(path: str, *, what: str) -> Secret:
    """Read a file with one line.

    Args:
        path: The file.
        what: What it holds, for the error.

    Raises:
        InvalidInput: If it cannot be read, is empty, or can be changed by anybody.
    """
    file = Path(path).expanduser()
    try:
        mode, text = file.stat().st_mode, file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no text"
        raise InvalidInput(f"The file {file} with {what}: {reason}") from None
    if not text or "\n" in text:
        raise InvalidInput(f"The file {file} must hold one line: {what}")
    if os.name == "posix" and mode & stat.S_IRWXO:
        raise InvalidInput(
            f"The file {file} with {what} is open to everybody on this machine",
            f"Run chmod o-rwx '{file}'",
        )
    return Secret(text)
