"""What an answer is made of. Each block is shown as text and as HTML."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["plain", "strong", "code", "command", "muted", "status"]


class Cell(NamedTuple):
    """One piece of text in a table or a list of facts.

    A named tuple: long tables have tens of thousands.

    Attributes:
        text: What it says.
        kind: How it looks.
        note: A second, quieter piece: the link name under a name, a reason.
        plain: What a terminal shows instead, when not the same.
    """

    text: str
    kind: Kind = "plain"
    note: str = ""
    plain: str | None = None

    @property
    def words(self) -> str:
        """The cell in a terminal."""
        return self.text if self.plain is None else self.plain


@dataclass(frozen=True, slots=True)
class Title:
    """The first line: a name, and what it is called in code."""

    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; ``tone`` colours its icon."""

    text: str
    tone: Literal["", "ok", "todo", "bad", "off"] = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A quiet line: what else there is to know."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Code to copy."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address to open."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values."""

    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads.

    Attributes:
        heads: The columns' names.
        rows: One cell for each column.
        elastic: The column that a narrow terminal cuts short.
        droppable: Columns that it leaves out then, first to go first.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    elastic: str = ""
    droppable: tuple[str, ...] = ()


Block = Title | Heading | Sentence | Note | Code | Link | Facts | Table
