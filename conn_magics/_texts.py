"""Text files that a person names on a line."""

from pathlib import Path
from typing import Final

from conn_core.errors import InvalidInput

#: No description of a service is longer, nor an OpenAPI document worth reading.
_LONGEST: Final = 10_000_000


def read_text(path: Path, *, option: str) -> str:
    """Return what is in a text file.

    Args:
        path: The file.
        option: What the person typed before it, for the error.

    Raises:
        InvalidInput: If it cannot be read, or is no text.
    """
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LONGEST + 1)
    except (OSError, ValueError) as error:
        raise _unusable(path, error, option=option, verb="read") from None
    if len(text) > _LONGEST:
        raise InvalidInput(f"{option}: {path.name} is too long to describe a service")
    return text


def write_text(path: Path, text: str, *, option: str) -> None:
    """Write a text file.

    Args:
        path: The file.
        text: What goes into it.
        option: What the person typed before it, for the error.

    Raises:
        InvalidInput: If it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise _unusable(path, error, option=option, verb="written") from None


def _unusable(path: Path, error: Exception, *, option: str, verb: str) -> InvalidInput:
    reason = getattr(error, "strerror", None) or "it is no text"
    return InvalidInput(f"{option}: {path.name} cannot be {verb} ({reason})")
