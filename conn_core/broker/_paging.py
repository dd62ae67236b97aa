"""Cursors of lists. What is in them is nobody's matter but ours.

Services are found by rank, and their cursor is an offset. Connections have an order of
their own, and their cursor is the last entry: nothing is skipped or shown twice when
somebody adds one in the meantime, and the last page comes as fast as the first.
"""

import base64
import json
from typing import Any, NamedTuple, Self

from ..errors import InvalidInput
from ..store import rows


def offset_of(cursor: str | None) -> int:
    """Return where a page starts.

    Raises:
        InvalidInput: If the cursor is not one of ours.
    """
    if cursor is None:
        return 0
    if not cursor.isdecimal() or len(cursor) > 9:
        raise _foreign()
    return int(cursor)


def refuse_empty_pages(limit: int) -> None:
    """Raise InvalidInput if the pages are so small that nobody would ever get on."""
    if limit < 1:
        raise InvalidInput("A page holds at least one entry", "Ask for more")


def next_cursor(start: int, limit: int, total: int) -> str | None:
    """Return where the next page starts, None at the end.

    Raises:
        InvalidInput: If the pages are so small that nobody would ever get on.
    """
    refuse_empty_pages(limit)
    return str(start + limit) if start + limit < total else None


class Place(NamedTuple):
    """Where the next page of connections begins.

    Attributes:
        total: How many there were when the first page was read; counting takes longer
            than reading a page.
        after: The last entry before it.
    """

    total: int
    after: rows.Bookmark

    def cursor(self) -> str:
        """Return it as a cursor."""
        written = json.dumps([self.total, *self.after], ensure_ascii=False)
        return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str) -> Self:
        """Read a cursor.

        Raises:
            InvalidInput: If it is not one of ours.
        """
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            total, *after = json.loads(base64.urlsafe_b64decode(padded))
            place = cls(int(total), rows.Bookmark(*(_text(part) for part in after)))
        except (ValueError, TypeError, RecursionError):
            raise _foreign() from None
        return place


def _text(part: Any) -> str:
    if not isinstance(part, str):
        msg = "not a text"
        raise TypeError(msg)
    part.encode()  # what no database takes is not from us
    return part


def _foreign() -> InvalidInput:
    return InvalidInput("The cursor is not one of ours", "Start without one")
