"""Blocks as text, for terminals, logs and screen readers."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

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

_GAP: Final = "  "
#: A page is wider than this, and has HTML anyway.
_USUAL_WIDTH: Final = 110
_NARROWEST: Final = 14


def _unpainted(text: str, look: str) -> str:
    del look
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How blocks are written at one place.

    Attributes:
        width: How wide a line may be; the terminal's width when absent.
        speak: Puts a text into the words of the place.
        paint: Colours a text that has a look: ``title``, ``head``, ``note``,
            ``command``, a status, or the tone of a sentence.
    """

    width: int | None = None
    speak: Callable[[str], str] = str
    paint: Callable[[str, str], str] = _unpainted

    def said(self, text: str, look: str = "") -> str:
        """Return a text as it is written here."""
        return self.paint(harmless(self.speak(text)), look)


PLAIN: Final = Manner()


def as_text(blocks: Sequence[Block], manner: Manner = PLAIN) -> str:
    """Write blocks as text.

    Args:
        blocks: What to write.
        manner: How it is written here.
    """
    if len(blocks) == 1 and isinstance(blocks[0], Code):
        return harmless(blocks[0].text.rstrip("\n"))  # alone, it is to be taken away
    room = manner.width or columns(_USUAL_WIDTH)
    text = ""
    for block in blocks:
        if text:
            text += "\n\n" if isinstance(block, Heading) else "\n"
        text += _written(block, room, manner)
    return text


def columns(usual: int) -> int:
    """Return how wide the terminal is.

    Args:
        usual: The width where there is none.
    """
    import shutil  # it brings three compressors along

    return shutil.get_terminal_size((usual, 24)).columns


def harmless(text: str) -> str:
    """Replace what could move a terminal's cursor or turn the text around."""
    if text.isprintable():
        return text
    return "".join(
        c if c == "\n" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _written(block: Block, room: int, manner: Manner) -> str:
    said = manner.said
    match block:
        case Title(text, code):
            return said(text, "title") + (f" ({said(code)})" if code else "")
        case Heading(text):
            return said(text, "title")
        case Sentence(text, tone):
            return said(text, tone)
        case Note(text):
            return said(text, "note")
        case Code(text):
            lines = harmless(text).splitlines()
            return "\n".join(f"  {line}".rstrip() for line in lines)
        case Link(words, url):
            return f"{said(words)}\n  {harmless(url)}"
        case Facts(pairs):
            return _facts(pairs, manner)
        case Table():
            return _table(block, room, manner)


def _facts(pairs: Sequence[tuple[str, Cell]], manner: Manner) -> str:
    widest = max((width_of(name) for name, _ in pairs), default=0)
    return "\n".join(
        f"  {manner.said(padded(name, widest), 'note')}{_GAP}{_fact(cell, manner)}"
        for name, cell in pairs
    )


def _fact(cell: Cell, manner: Manner) -> str:
    note = f" ({manner.said(cell.note)})" if cell.note else ""
    return manner.said(cell.words, _look(cell)) + note


def _look(cell: Cell) -> str:
    match cell.kind:
        case "status":
            return cell.text
        case "command":
            return "command"
    return ""


def _table(table: Table, room: int, manner: Manner) -> str:
    columns = [
        [head.upper(), *_said(cells, manner)]
        for head, cells in zip(table.heads, zip(*table.rows, strict=True), strict=True)
    ]
    widths = {n: _widest(column) for n, column in enumerate(columns)}
    _fit(widths, table, room)
    sized = [_sized(columns[n], width) for n, width in widths.items()]
    if manner.paint is not _unpainted:
        looks = [["head", *(_look(row[n]) for row in table.rows)] for n in widths]
        sized = [
            list(map(manner.paint, texts, look))
            for texts, look in zip(sized, looks, strict=True)
        ]
    return "\n".join(_GAP.join(line).rstrip() for line in zip(*sized, strict=True))


def _said(cells: Sequence[Cell], manner: Manner) -> list[str]:
    """Return the words of a column; a long one is looked through once."""
    words = [cell.words for cell in cells]
    whole = "\n".join(words)
    is_usual = whole.count("\n") == len(words) - 1
    if is_usual and whole.replace("\n", "").isprintable():
        return manner.speak(whole).split("\n")
    return [harmless(manner.speak(text)).replace("\n", " ") for text in words]


def _widest(column: Sequence[str]) -> int:
    is_plain = "".join(column).isascii()
    return max(map(len if is_plain else width_of, column))


def _sized(column: Sequence[str], width: int) -> list[str]:
    if "".join(column).isascii():
        return [
            text.ljust(width) if len(text) <= width else text[: width - 1] + "…"
            for text in column
        ]
    return [padded(_cut(text, width), width) for text in column]


def _fit(widths: dict[int, int], table: Table, room: int) -> None:
    """Make columns narrower or leave them out until a line fits."""
    number_of = {head: n for n, head in enumerate(table.heads)}
    elastic = number_of.get(table.elastic, -1)
    for leave_out in ("", *table.droppable):
        widths.pop(number_of.get(leave_out, -1), None)
        over = sum(widths.values()) + len(_GAP) * (len(widths) - 1) - room
        if over > 0 and widths.get(elastic, 0) > _NARROWEST:
            narrower = max(_NARROWEST, widths[elastic] - over)
            over -= widths[elastic] - narrower
            widths[elastic] = narrower
        if over <= 0:
            return


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if _is_wide(c) else 1 for c in text)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def padded(text: str, width: int) -> str:
    """Return a text that takes so many columns, if it is not longer."""
    return text + " " * (width - width_of(text))


def _cut(text: str, width: int) -> str:
    if width_of(text) <= width:
        return text
    kept = text[: width - 1]
    while width_of(kept) > width - 1:
        kept = kept[:-1]
    return kept + "…"
