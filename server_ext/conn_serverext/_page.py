"""How a page looks: one template, the shared stylesheet, and a policy that fits them."""

import base64
import functools
import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final, Literal

import jinja2
from markupsafe import Markup

from ._handler import NOTHING_ALLOWED

if TYPE_CHECKING:  # the values are not paid for when the server starts
    from conn_core import Authorization

#: The symbols of the look, 16 px grid; see the stylesheet's ``.conn-icon``.
_ICONS: Final = {
    "node": '<circle cx="3.75" cy="8" r="2"/><circle cx="12.25" cy="8" r="2"/>'
    '<path d="M5.75 8h4.5"/>',
    "user": '<circle cx="8" cy="5.4" r="2.65"/>'
    '<path d="M2.9 13.6c.6-2.8 2.6-4.2 5.1-4.2s4.5 1.4 5.1 4.2"/>',
    "check": '<circle cx="8" cy="8" r="6.25"/><path d="m5.3 8.2 1.9 1.9 3.6-4"/>',
    "stop": '<path d="M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4z"/>'
    '<path d="m6 6 4 4M10 6l-4 4"/>',
    "clock": '<circle cx="8" cy="8" r="6.25"/><path d="M8 4.6V8l2.4 1.6"/>',
    "info": '<circle cx="8" cy="8" r="6.25"/><path d="M8 7.4v3.6M8 5v.1"/>',
}
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
        address: An address to copy, in a box of its own.
        small: More paragraphs, in small type.
        person: Who is logged in, shown at the top.
    """

    title: str
    icon: Literal["check", "stop", "clock", "info"] = "info"
    tone: Literal["ok", "bad", "todo", "info"] = "info"
    text: str = ""
    address: str = ""
    small: tuple[str, ...] = ()
    person: str = ""


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


def nothing_to_show() -> Page:
    """Say nothing about an attempt to a browser that did not make it."""
    return Page(
        title="Nothing to show here.",
        text="Your notebook shows whether you are connected.",
        small=(_CLOSE,),
    )


def render(page: Page) -> str:
    """Return the page as HTML; every text in it is escaped."""
    icons = {name: Markup(shapes) for name, shapes in _ICONS.items()}  # noqa: S704 - ours
    template = _environment().get_template("page.html")
    css = Markup(_stylesheet())  # noqa: S704 - our own files
    return template.render(page=page, icons=icons, css=css)


@functools.cache
def page_policy() -> str:
    """Return the policy of a page: its own stylesheet, known by its hash, and no more."""
    digest = base64.b64encode(hashlib.sha256(_stylesheet().encode()).digest()).decode()
    return f"{NOTHING_ALLOWED}; style-src 'sha256-{digest}'"


@functools.cache
def _stylesheet() -> str:
    look, ours = resources.files("conn_core"), resources.files("conn_serverext")
    files = (
        look / "look" / "themes.css",
        look / "look" / "connections.css",
        ours / "static" / "pages.css",
    )
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@functools.cache
def _environment() -> jinja2.Environment:
    folder = resources.files("conn_serverext") / "templates"
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )


def _sentence(text: str) -> str:
    """Close a text with a full stop, unless an address follows or it is closed."""
    text = text.strip()
    return text if not text or text.endswith((".", ":", "?")) else f"{text}."
