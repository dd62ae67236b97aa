"""Cursors of lists. They are offsets; nobody but us needs to know."""

from ..errors import InvalidInput


def offset_of(cursor: str | None) -> int:
    """Return where a page starts.

    Raises:
        InvalidInput: If the cursor is not one of ours.
    """
    if cursor is None:
        return 0
    if not cursor.isdecimal() or len(cursor) > 9:
        raise InvalidInput("The cursor is not one of ours", "Start without one")
    return int(cursor)


def next_cursor(start: int, limit: int, total: int) -> str | None:
    """Return where the next page starts, None at the end.

    Raises:
        InvalidInput: If the pages are so small that nobody would ever get on.
    """
    if limit < 1:
        raise InvalidInput("A page holds at least one entry", "Ask for more")
    return str(start + limit) if start + limit < total else None
