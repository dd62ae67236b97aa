"""The index: our catalogue in a form that loads in a few milliseconds.

Reading the TOML files of a full catalogue takes most of a second, and a kernel wants
one service. So they are written, once, into one file: its first line says what can be
searched, and each further line is one service, read when it is asked for.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ._files import Record, read_all

DATA: Final = Path(__file__).parent / "data"
INDEX: Final = Path(__file__).parent / "services.jsonl"
SEARCHED: Final = ("id", "name", "category", "description")

#: What a search looks at: the members above, and how many know the service.
Found = tuple[str, str, str, str, int]


def index_of(records: Iterable[Record]) -> str:
    """Write services, sorted by id, as the text of an index."""
    ordered = sorted(records, key=lambda record: str(record["id"]))
    heads = [searched(record) for record in ordered]
    return "".join(f"{_line(value)}\n" for value in (heads, *ordered))


def searched(record: Record) -> Found:
    """Return the members of a service that a search looks at."""
    service_id, name, category, text = (str(record.get(m, "")) for m in SEARCHED)
    known = record.get("agreement", 0)
    return service_id, name, category, text, known if isinstance(known, int) else 0


def build_index() -> str:
    """Write the text of the index from our data files.

    Raises:
        InvalidInput: If a file cannot be read, or two have a service of the same id.
    """
    return index_of(record for record, _ in read_all([DATA]))


def _line(value: object) -> str:
    # U+2028 and its kin end a line for Python's splitlines: ASCII has none of them.
    return json.dumps(value, separators=(",", ":"))
