"""The SHA-256 of a notebook: what ran can be compared with what was scheduled."""

import hashlib
import re
from pathlib import Path
from typing import Final

_ONE: Final = re.compile(r"[0-9a-f]{64}")


def digest_of(notebook: Path) -> str:
    """Return a notebook's SHA-256 in hex; empty where it cannot be read."""
    try:
        with notebook.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def is_digest(text: str) -> bool:
    """Tell whether a text is a SHA-256 in hex."""
    return _ONE.fullmatch(text) is not None


def digest_shown(digest: str) -> str:
    """Return how a digest is written in the log; nothing for none."""
    return f"SHA-256 {digest}" if digest else ""
