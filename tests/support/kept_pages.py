"""A part of a list, as the port hands it out, for brokers that are fakes."""

from conn_core import Page


def page(found, cursor, limit, *, made=lambda item: item):
    """Return the part of a list that a cursor names; items are made of it only."""
    start = int(cursor or 0)
    end = start + limit
    return Page(
        items=tuple(made(item) for item in found[start:end]),
        next_cursor=str(end) if end < len(found) else None,
        total=len(found),
    )
