"""What verbs answer: objects that show themselves as text and as HTML."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from ._blocks import Block
from ._html import as_html
from ._text import as_text

if TYPE_CHECKING:
    from conn_core import Page

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)
#: What a server gives at once.
_LARGEST_PAGE = 10_000
#: How it ended; what a command line says in its exit code.
Outcome = Literal["ok", "failed", "needs person"]
Data = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


class View:
    """An answer. The last expression of a cell shows it; ``t = %conn list`` keeps it.

    Args:
        blocks: What it says.
        data: The same for programs, JSON-ready; or what makes it when it is wanted.
        outcome: How it ended.
    """

    def __init__(
        self,
        *blocks: Block,
        data: Data | None = None,
        outcome: Outcome = "ok",
    ) -> None:
        self.blocks = blocks
        self.outcome = outcome
        self._data: Data = data or {}

    def to_json(self) -> dict[str, Any]:
        """Return the answer for programs."""
        return dict(self._data() if callable(self._data) else self._data)

    def __repr__(self) -> str:
        return as_text(self.blocks)

    def _repr_html_(self) -> str:
        return as_html(self.blocks)


class ListView(View, Sequence[Item_co]):
    """An answer that is a list: ``for c in cm.list(): …``.

    Args:
        items: What it holds.
        blocks: What it says.
        data: The same for programs, JSON-ready; or what makes it when it is wanted.
    """

    def __init__(self, items: Sequence[Item_co], *blocks: Block, data: Data) -> None:
        super().__init__(*blocks, data=data)
        self._items = tuple(items)

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Item_co: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item_co]: ...
    def __getitem__(self, index: int | slice) -> Item_co | Sequence[Item_co]:
        return self._items[index]


class Json(dict[str, Any]):
    """The answer to ``--json``: a dictionary that prints as JSON."""

    def __repr__(self) -> str:
        return json.dumps(self, indent=2, ensure_ascii=False)


def page_of(
    items: Sequence[Any], *, write: Callable[[Any], Any], **more: Any
) -> dict[str, Any]:
    """Return a list as REST and ``--json`` write it."""
    shown = {"next_cursor": None, "total": len(items)} | more
    return {"items": [write(item) for item in items], **shown}


def every_page(
    ask: "Callable[[str | None, int], Page[Item]]", *, most: int
) -> "Page[Item]":
    """Return a list as one page.

    Args:
        ask: Asks for the page at a cursor, of at most so many.
        most: How many there may be in all; the cursor says when there are more.
    """
    page = ask(None, min(most, _LARGEST_PAGE))
    items = page.items
    while page.next_cursor is not None and len(items) < most:
        page = ask(page.next_cursor, min(most - len(items), _LARGEST_PAGE))
        items += page.items
    return dataclasses.replace(page, items=items)
