"""The page that says one thing: how an attempt ended, or what went wrong."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

from . import _look

if TYPE_CHECKING:  # the values are not paid for when the server starts
    from conn_core import Authorization

_CLOSE: Final = "You can close this tab."
NOT_CONNECTED: Final = "You are not connected."


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says.

    Attributes:
        title: One short sentence.
        icon: One of the symbols.
        tone: The colour of the symbol.
        text: One paragraph.
        digits: Six digits to type elsewhere, in large type.
        address: An address to copy, in a box of its own.
        small: More paragraphs, in small type.
        person: Who is logged in, shown at the top.
        onward: An address to go on to, and what it is called.
    """

    title: str
    icon: Literal["check", "stop", "clock", "info"] = "info"
    tone: Literal["ok", "bad", "todo", "info"] = "info"
    text: str = ""
    digits: str = ""
    address: str = ""
    small: tuple[str, ...] = ()
    person: str = ""
    onward: tuple[str, str] | None = None


def page_of(authorization: "Authorization", *, callback: str, person: str) -> Page:
    """Say how an attempt ended.

    Args:
        authorization: The attempt.
        callback: The redirect URL of its service; shown to copy when the error is
            that the provider does not know it.
        person: Who is logged in, if anybody.
    """
    service, name = authorization.service_name, authorization.link_name
    if authorization.state == "done":
        account = f"{service}, as {authorization.account}"
        return Page(
            title="You are connected.",
            icon="check",
            tone="ok",
            text=_CLOSE,
            small=(account if authorization.account else service,),
            person=person,
        )
    if authorization.state == "pending":
        return Page(
            title="Not finished yet.",
            icon="clock",
            tone="todo",
            text=f"{service} has not answered. Grant access in its own tab.",
            person=person,
        )
    before, address, after = (authorization.error or "").partition(callback)
    again = f"Run %conn authorize {name} to start again. {_CLOSE}"
    return Page(
        title=NOT_CONNECTED,
        icon="stop",
        tone="bad",
        text=_sentence(before),
        address=address,
        small=tuple(line for line in (_sentence(after), again) if line),
        person=person,
    )


def with_way_on(page: Page, *, root: str, name: str) -> Page:
    """Add a way to the connection's own page, for those who came from there."""
    address = f"{root}connection/{quote(name, safe='')}"
    return replace(page, onward=(address, "See the connection"))


def nothing_to_show() -> Page:
    """Say nothing about an attempt to a browser that did not make it."""
    return Page(
        title="Nothing to show here.",
        text="Your notebook shows whether you are connected.",
        small=(_CLOSE,),
    )


def render(page: Page, *, theme: str = "") -> str:
    """Return the page as HTML; every text in it is escaped.

    Args:
        page: What it says.
        theme: How the browser wants it; nothing where as its system is.
    """
    return _look.render("page.html", page=page, theme=theme)


def _sentence(text: str) -> str:
    """Close a text with a full stop, unless an address follows or it is closed."""
    text = text.strip()
    return text if not text or text.endswith((".", ":", "?")) else f"{text}."
