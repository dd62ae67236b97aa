"""Blocks as text, for terminals, logs and screen readers."""

import shutil
from collections.abc import Sequence

from ._blocks import (
    Block,
    Cell,
    Code,
    Facts,
    Heading,
    Link,
    Note,
    Sentence,
    Table,
    Title,
)

_GAP = "  "
#: A page is wider than this, and has HTML anyway.
_USUAL_WIDTH = 110
_NARROWEST = 14


def as_text(blocks: Sequence[Block], *, width: int | None = None) -> str:
    """Write blocks as text.

    Args:
        blocks: What to write.
        width: How wide a line may be; the terminal's width when absent.
    """
    room = width or shutil.get_terminal_size((_USUAL_WIDTH, 24)).columns
    parts = [(block, _written(block, room)) for block in blocks]
    text = ""
    for block, written in parts:
        if text:
            text += "\n\n" if isinstance(block, Heading) else "\n"
        text += written
    return _harmless(text)


def _harmless(text: str) -> str:
    """Replace what could move a terminal's cursor or turn the text around."""
    return "".join(
        c if c == "\n" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _written(block: Block, room: int) -> str:
    match block:
        case Title(text, code):
            return f"{text} ({code})" if code else text
        case Heading(text) | Sentence(text) | Note(text):
            return text
        case Code(text):
            return "\n".join(f"  {line}".rstrip() for line in text.splitlines())
        case Link(words, url):
            return f"{words}\n  {url}"
        case Facts(pairs):
            return _facts(pairs)
        case Table():
            return _table(block, room)


def _facts(pairs: Sequence[tuple[str, Cell]]) -> str:
    widest = max((len(name) for name, _ in pairs), default=0)
    return "\n".join(
        f"  {name:<{widest}}{_GAP}{cell.words}"
        + (f" ({cell.note})" if cell.note else "")
        for name, cell in pairs
    )


def _table(table: Table, room: int) -> str:
    lines = [tuple(head.upper() for head in table.heads)]
    lines += [tuple(cell.words for cell in row) for row in table.rows]
    widths = {
        head: max(len(line[n]) for line in lines) for n, head in enumerate(table.heads)
    }
    _fit(widths, table, room)
    return "\n".join(
        _GAP.join(
            f"{_cut(line[n], widths[head]):<{widths[head]}}"
            for n, head in enumerate(table.heads)
            if head in widths
        ).rstrip()
        for line in lines
    )


def _fit(widths: dict[str, int], table: Table, room: int) -> None:
    """Make columns narrower or leave them out until a line fits."""
    for leave_out in ("", *table.droppable):
        widths.pop(leave_out, None)
        over = sum(widths.values()) + len(_GAP) * (len(widths) - 1) - room
        if over > 0 and widths.get(table.elastic, 0) > _NARROWEST:
            widths[table.elastic] = max(_NARROWEST, widths[table.elastic] - over)
            over = sum(widths.values()) + len(_GAP) * (len(widths) - 1) - room
        if over <= 0:
            return


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
