"""A notebook read as what it is, a file: nothing in it runs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import InvalidInput

#: No notebook that a person works with is larger; one with its outputs may be large.
_LARGEST: Final = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A code cell.

    Attributes:
        number: Its place among all cells, from 1, as people count.
        source: Its text.
        tags: Its tags; papermill looks for ``parameters``.
    """

    number: int
    source: str
    tags: tuple[str, ...] = ()


def code_cells(path: Path) -> tuple[Cell, ...]:
    """Return the code cells of a notebook.

    Args:
        path: The file.

    Raises:
        InvalidInput: If there is none, or it is no notebook.
    """
    return tuple(_cells_of(_read(path), path))


def _read(path: Path) -> Mapping[str, Any]:
    raw = _bytes_of(path)
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise _refused(path, "is not a notebook: it is no JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        raise _refused(path, "is not a notebook: it has no cells")
    return found


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size <= _LARGEST:
            return path.read_bytes()
    except FileNotFoundError:
        raise InvalidInput(
            f"There is no notebook '{path}'", "Look at the name, and at the folder"
        ) from None
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror})") from None
    raise _refused(path, "is too large to be a notebook")


def _cells_of(notebook: Mapping[str, Any], path: Path) -> Iterator[Cell]:
    for number, cell in enumerate(notebook["cells"], start=1):
        if not isinstance(cell, dict):
            raise _refused(path, f"is not a notebook: cell {number} is none")
        if cell.get("cell_type") == "code":
            metadata = cell.get("metadata")
            tags = metadata.get("tags") if isinstance(metadata, dict) else None
            yield Cell(
                number=number,
                source=_text(cell.get("source", "")),
                tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
            )


def _text(source: object) -> str:
    """Return a cell's text, which is kept as one text or as its lines."""
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _refused(path: Path, why: str) -> InvalidInput:
    return InvalidInput(f"'{path}' {why}", "Name a notebook, a file ending in .ipynb")
